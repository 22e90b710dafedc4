// @ts-check
/**
 * Messages as providers send them, to try a connection with: shortened, with made-up people, and an envelope of
 * their own, so that a first message makes a new document.
 */

const COMPANY = { name: "Anna Berger", email: "anna.berger@acme.example" };
const SENDER = { name: "Jonas Feld", email: "jonas.feld@acme.example" };
const TITLE = "Test contract";
export const CLIENT = "klara.vogel@kunde.example";
export const SIGNING = ["sent", "company", "client", "completed", "declined"];

/** @typedef {{body: string, headers?: Record<string, string>, query?: Record<string, string>, slot?: string, method?: string}} Message */
/** @typedef {{event: string, envelope: string, at: string, number: number, seconds: number, company: boolean, client: boolean, declined: boolean, whose: {name: string, email: string}, who: {name: string, email: string}}} Told */

/**
 * What an event says: who has signed by then, and when it is. @param {string} event @param {string} envelope
 * @param {string} client @returns {Told}
 */
function told(event, envelope, client) {
  const who = { name: "Klara Vogel", email: client || CLIENT };
  return {
    event,
    envelope,
    at: new Date().toISOString(),
    number: parseInt(envelope.slice(0, 7), 16),
    seconds: Math.floor(Date.now() / 1000),
    company: event !== "sent",
    client: event === "client" || event === "completed",
    declined: event === "declined",
    who,
    whose: event === "company" ? COMPANY : who,
  };
}

/** Its names of the five events, by ours. @param {string[]} names @param {string} event */
const named = (names, event) => names[SIGNING.indexOf(event)];

/** @type {Record<string, (told: Told) => any>} */
const BODIES = {
  docusign: ({ event, envelope, at, company, client, declined, who }) => {
    const signer = (/** @type {string} */ id, /** @type {any} */ person, /** @type {string} */ role, /** @type {boolean} */ done, no = false) => ({
      recipientId: id, ...person, roleName: role, routingOrder: id, recipientType: "signer", status: done ? "completed" : no ? "declined" : "sent", sentDateTime: at,
      ...(done ? { signedDateTime: at } : {}), ...(no ? { declinedDateTime: at, declinedReason: "Test" } : {}),
    });
    const status = event === "completed" || event === "declined" ? event : "sent";
    return {
      event: named(["envelope-sent", "recipient-completed", "recipient-completed", "envelope-completed", "envelope-declined"], event),
      apiVersion: "v2.1", retryCount: 0, generatedDateTime: at,
      data: {
        envelopeId: envelope, ...(event === "company" ? { recipientId: "1" } : event === "client" ? { recipientId: "2" } : {}),
        envelopeSummary: {
          status, envelopeId: envelope, emailSubject: TITLE, createdDateTime: at, sentDateTime: at, lastModifiedDateTime: at,
          ...(status === "sent" ? {} : { [`${status}DateTime`]: at }),
          sender: { userName: SENDER.name, email: SENDER.email },
          recipients: { signers: [signer("1", COMPANY, "Director", company), signer("2", who, "Client", client, declined)] },
        },
      },
    };
  },
  documenso: ({ event, number, at, company, client, declined, who }) => {
    const signer = (/** @type {number} */ order, /** @type {any} */ person, /** @type {boolean} */ done, no = false) => ({
      id: number + order, documentId: number, ...person, role: "SIGNER", signingOrder: order, token: "test", readStatus: done ? "OPENED" : "NOT_OPENED",
      signingStatus: done ? "SIGNED" : no ? "REJECTED" : "NOT_SIGNED", sendStatus: "SENT", signedAt: done ? at : null, rejectionReason: no ? "Test" : null,
    });
    const recipients = [signer(1, COMPANY, company), signer(2, who, client, declined)];
    return {
      event: named(["DOCUMENT_SENT", "DOCUMENT_SIGNED", "DOCUMENT_SIGNED", "DOCUMENT_COMPLETED", "DOCUMENT_REJECTED"], event),
      payload: {
        id: number, externalId: null, userId: 1, title: TITLE, status: event === "completed" ? "COMPLETED" : declined ? "REJECTED" : "PENDING",
        createdAt: at, updatedAt: at, completedAt: event === "completed" ? at : null, deletedAt: null, teamId: 1, source: "DOCUMENT", recipients, Recipient: recipients,
      },
      createdAt: at,
    };
  },
  standard_webhooks: ({ event, envelope, at, whose, declined }) => ({
    type: named(["document.sent", "signer.signed", "signer.signed", "document.completed", "document.declined"], event),
    timestamp: at,
    data: {
      envelope_id: envelope, title: TITLE, ...(declined ? { reason: "Test" } : {}),
      ...(event === "sent" || event === "completed" ? {} : { signer: { id: whose.email, name: whose.name, email: whose.email, role: event === "company" ? "Director" : "Client", order: event === "company" ? 1 : 2 } }),
    },
  }),
  incoming_call: () => ({ document: "DOCUMENT", code: "CODE", id: crypto.randomUUID() }),
};

/** The examples of a provider; none where its messages have to be copied from it. @param {string} provider @returns {string[]} */
export const examplesOf = (provider) => (provider === "incoming_call" ? ["call"] : provider in BODIES ? SIGNING : []);

/**
 * A message as the provider would send it. @param {string} provider @param {string} event One of its examples.
 * @param {string} envelope @param {string} [client] The client's address. @returns {Message}
 */
export const messageOf = (provider, event, envelope, client = CLIENT) => ({
  headers: { "content-type": "application/json" },
  body: JSON.stringify(BODIES[provider](told(event, envelope, client)), null, 2),
});
