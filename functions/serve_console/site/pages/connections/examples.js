// @ts-check
/**
 * Messages as providers send them, to try a connection with: shortened, with made-up people, and an envelope of
 * their own, so that a first message makes a new document.
 */

const COMPANY = { name: "Anna Berger", email: "anna.berger@acme.example" };
const CLIENT = { name: "Klara Vogel", email: "klara.vogel@kunde.example" };
const JSON_TYPE = { "content-type": "application/json" };

/** @typedef {{id: string, message: (envelope: string) => {headers?: Record<string, string>, body: string}}} Example */

/** Signed at, or null where it has not. @param {string} event */
const signedBy = (event) => ({
  company: ["company", "client", "completed"].includes(event),
  client: ["client", "completed"].includes(event),
});

/** @param {string} event @param {string} envelope */
function docusign(event, envelope) {
  const at = new Date().toISOString();
  const signed = signedBy(event);
  const name = { sent: "envelope-sent", company: "recipient-completed", client: "recipient-completed", completed: "envelope-completed", declined: "envelope-declined" }[event];
  /** @param {string} id @param {any} who @param {string} role @param {boolean} done */
  const signer = (id, who, role, done) => ({
    recipientId: id, ...who, roleName: role, routingOrder: id, recipientType: "signer",
    status: done ? "completed" : event === "declined" && id === "2" ? "declined" : "sent",
    sentDateTime: at,
    ...(done ? { signedDateTime: at } : {}),
    ...(event === "declined" && id === "2" ? { declinedDateTime: at, declinedReason: "Test" } : {}),
  });
  return {
    headers: JSON_TYPE,
    body: JSON.stringify({
      event: name, apiVersion: "v2.1", retryCount: 0, generatedDateTime: at,
      data: {
        envelopeId: envelope,
        ...(event === "company" ? { recipientId: "1" } : event === "client" ? { recipientId: "2" } : {}),
        envelopeSummary: {
          status: event === "completed" ? "completed" : event === "declined" ? "declined" : "sent",
          envelopeId: envelope, emailSubject: "Test contract", createdDateTime: at, sentDateTime: at, lastModifiedDateTime: at,
          ...(event === "completed" ? { completedDateTime: at } : {}),
          ...(event === "declined" ? { declinedDateTime: at } : {}),
          sender: { userName: "Jonas Feld", email: "jonas.feld@acme.example" },
          recipients: { signers: [signer("1", COMPANY, "Director", signed.company), signer("2", CLIENT, "Client", signed.client)] },
        },
      },
    }, null, 2),
  };
}

/** @param {string} event @param {string} envelope */
function documenso(event, envelope) {
  const at = new Date().toISOString();
  const signed = signedBy(event);
  const number = parseInt(envelope.slice(0, 7), 16);
  const name = { sent: "DOCUMENT_SENT", company: "DOCUMENT_SIGNED", client: "DOCUMENT_SIGNED", completed: "DOCUMENT_COMPLETED", declined: "DOCUMENT_REJECTED" }[event];
  /** @param {number} order @param {any} who @param {boolean} done */
  const signer = (order, who, done) => ({
    id: number + order, documentId: number, ...who, role: "SIGNER", signingOrder: order, token: "test", readStatus: done ? "OPENED" : "NOT_OPENED",
    signingStatus: done ? "SIGNED" : event === "declined" && order === 2 ? "REJECTED" : "NOT_SIGNED", sendStatus: "SENT",
    signedAt: done ? at : null, rejectionReason: event === "declined" && order === 2 ? "Test" : null,
  });
  const signers = [signer(1, COMPANY, signed.company), signer(2, CLIENT, signed.client)];
  return {
    headers: JSON_TYPE,
    body: JSON.stringify({
      event: name,
      payload: {
        id: number, externalId: null, userId: 1, title: "Test contract", status: event === "completed" ? "COMPLETED" : event === "declined" ? "REJECTED" : "PENDING",
        createdAt: at, updatedAt: at, completedAt: event === "completed" ? at : null, deletedAt: null, teamId: 1, source: "DOCUMENT",
        recipients: signers, Recipient: signers,
      },
      createdAt: at,
    }, null, 2),
  };
}

const SIGNING = ["sent", "company", "client", "completed", "declined"];
/** @param {(event: string, envelope: string) => any} make @returns {Example[]} */
const each = (make) => SIGNING.map((id) => ({ id, message: (envelope) => make(id, envelope) }));

/** The examples of a provider; empty where its messages have to be copied from it. @param {string} provider @returns {Example[]} */
export function examplesOf(provider) {
  if (provider === "docusign") return each(docusign);
  if (provider === "documenso") return each(documenso);
  if (provider === "incoming_call") {
    return [{ id: "call", message: () => ({ headers: JSON_TYPE, body: JSON.stringify({ document: "DOCUMENT", code: "CODE", id: crypto.randomUUID() }, null, 2) }) }];
  }
  return [];
}
