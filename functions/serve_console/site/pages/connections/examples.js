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
    const before = new Date(Date.now() - 60_000).toISOString(); // who signed is told by the last time alone
    const signer = (/** @type {number} */ order, /** @type {any} */ person, /** @type {boolean} */ done, no = false) => ({
      id: number + order, documentId: number, ...person, role: "SIGNER", signingOrder: order, token: "test", readStatus: done ? "OPENED" : "NOT_OPENED",
      signingStatus: done ? "SIGNED" : no ? "REJECTED" : "NOT_SIGNED", sendStatus: "SENT", signedAt: done ? (order === 1 && client ? before : at) : null, rejectionReason: no ? "Test" : null,
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
  boldsign: ({ event, envelope, seconds, company, client, declined, who }) => {
    const signer = (/** @type {string} */ id, /** @type {any} */ person, /** @type {string} */ role, /** @type {number} */ order, /** @type {boolean} */ done, no = false) => ({
      id, signerName: person.name, signerEmail: person.email, signerRole: role, order, signerType: "Signer",
      status: done ? "Completed" : no ? "Declined" : "NotCompleted", declineMessage: no ? "Test" : null, lastActivityDate: done ? seconds : null,
    });
    const name = named(["Sent", "Signed", "Signed", "Completed", "Declined"], event);
    return {
      event: { id: crypto.randomUUID(), created: seconds, eventType: name, clientId: null, environment: "Live" },
      context: { eventType: name, actor: event === "sent" ? { userType: "Sender", id: "sender" } : { userType: "Signer", id: event === "company" ? "one" : "two" }, previousState: null },
      data: {
        object: "document", documentId: envelope, messageTitle: TITLE, status: event === "completed" ? "Completed" : declined ? "Declined" : "InProgress",
        senderDetail: { name: SENDER.name, emailAddress: SENDER.email }, signerDetails: [signer("one", COMPANY, "Director", 1, company), signer("two", who, "Client", 2, client, declined)],
      },
    };
  },
  docuseal: ({ event, number, at, company, client, declined, who }) => {
    const one = (/** @type {number} */ order, /** @type {any} */ person, /** @type {string} */ role, /** @type {boolean} */ done, no = false) => ({
      id: number + order, submission_id: number, ...person, role, sent_at: at, completed_at: done ? at : null, declined_at: no ? at : null, created_at: at, updated_at: at,
      status: done ? "completed" : no ? "declined" : "sent", decline_reason: no ? "Test" : null, metadata: {}, values: [],
    });
    const submitters = [one(1, COMPANY, "Director", company), one(2, who, "Client", client, declined)];
    const status = event === "completed" ? "completed" : declined ? "declined" : "pending";
    const submission = { id: number, name: TITLE, status, submitters_order: "preserved", created_at: at, updated_at: at, completed_at: event === "completed" ? at : null };
    const whole = event === "sent" || event === "completed";
    return {
      event_type: named(["submission.created", "form.completed", "form.completed", "submission.completed", "form.declined"], event),
      timestamp: at,
      data: whole ? { ...submission, created_by_user: { id: 1, email: SENDER.email, first_name: "Jonas", last_name: "Feld" }, submitters } : { ...submitters[event === "company" ? 0 : 1], template: { id: 1, name: TITLE }, submission },
    };
  },
  getaccept: ({ event, envelope, at, declined, whose }) => ({
    event: `document.${named(["sent", "partially_signed", "partially_signed", "signed", "rejected"], event)}`,
    event_type: "document", event_action: named(["sent", "partially_signed", "partially_signed", "signed", "rejected"], event),
    document: {
      id: envelope, name: TITLE, status: named(["sent", "partially_signed", "partially_signed", "signed", "rejected"], event), send_date: at, created_at: at,
      sender_name: SENDER.name, sender_email: SENDER.email, is_signing: true, is_signing_order: true, is_signed: event === "completed", ...(declined ? { reject_reason: "Test" } : {}),
    },
    recipient: { fullname: (event === "sent" ? COMPANY : whose).name, email: (event === "sent" ? COMPANY : whose).email, role: "signer", status: event === "sent" ? "sent" : declined ? "rejected" : "signed", order_num: event === "sent" || event === "company" ? "1" : "2" },
  }),
  oneflow: ({ event, number, at }) => ({
    contract: { id: number }, callback_id: crypto.randomUUID(),
    events: [{ created_time: at, id: Date.now(), type: named(["contract:publish", "participant:sign", "participant:sign", "contract:sign", "contract:decline"], event) }],
  }),
  opensign: ({ event, envelope, declined, whose, who }) => {
    const now = new Date().toUTCString().replace("GMT", "GMT+0");
    return {
      event: named(["created", "signed", "signed", "completed", "declined"], event), type: "request-sign", objectId: envelope, name: TITLE, createdAt: now,
      ...(event === "company" || event === "client" ? { signer: whose, signedAt: now } : { signers: [COMPANY, who] }),
      ...(event === "completed" ? { completedAt: now } : {}),
      ...(declined ? { declinedBy: who.email, declinedReason: "Test", declinedAt: now } : {}),
    };
  },
  pandadoc: ({ event, envelope, at, company, client, declined, who }) => {
    const one = (/** @type {string} */ id, /** @type {any} */ person, /** @type {string} */ role, /** @type {number} */ order, /** @type {boolean} */ done) => ({
      type: "recipient", id, first_name: person.name.split(" ")[0], last_name: person.name.split(" ")[1], email: person.email, recipient_type: "SIGNER", has_completed: done, role, roles: [role], signing_order: order,
    });
    const recipients = [one("one", COMPANY, "Director", 1, company), one("two", who, "Client", 2, client)];
    const by = { id: "sender", email: SENDER.email, first_name: "Jonas", last_name: "Feld" };
    const signs = event === "company" || event === "client";
    return [{
      event: signs ? "recipient_completed" : "document_state_changed",
      data: {
        id: envelope, name: TITLE, date_created: at, date_modified: at, date_completed: event === "completed" ? at : null, created_by: by, sent_by: by,
        status: event === "completed" ? "document.completed" : declined ? "document.declined" : "document.sent", recipients,
        action_by: signs ? recipients[event === "company" ? 0 : 1] : by, action_date: at,
      },
    }];
  },
  signwell: ({ event, envelope, at, seconds, company, client, declined, whose, who }) => {
    const one = (/** @type {string} */ id, /** @type {any} */ person, /** @type {string} */ role, /** @type {boolean} */ done, no = false) => ({
      id, ...person, status: done ? "completed" : no ? "declined" : "sent", placeholder_name: role, signing_order: Number(id), ...(no ? { declined_reason: "Test" } : {}),
    });
    return {
      event: { type: named(["document_sent", "document_signed", "document_signed", "document_completed", "document_declined"], event), time: seconds, ...(event === "sent" || event === "completed" ? {} : { related_signer: whose }) },
      data: {
        object: {
          id: envelope, name: TITLE, status: event === "completed" ? "Completed" : declined ? "Declined" : event === "sent" ? "Sent" : "Pending", requester_email_address: SENDER.email, custom_requester_name: SENDER.name,
          apply_signing_order: true, created_at: at, updated_at: at, recipients: [one("1", COMPANY, "Director", company), one("2", who, "Client", client, declined)],
        },
      },
    };
  },
  xodo_sign: ({ event, envelope, seconds, whose }) => ({
    event_time: seconds,
    event_type: named(["document_sent", "document_signed", "document_signed", "document_completed", "document_declined"], event),
    meta: { related_document_hash: envelope.replaceAll("-", "").slice(0, 14) },
    signer: event === "sent" || event === "company" ? { id: "1", ...COMPANY, role: "Director", order: "1" } : { id: "2", ...whose, role: "Client", order: "2" },
  }),
  yousign: ({ event, envelope, at, seconds, company, client, declined, whose }) => {
    const status = (/** @type {boolean} */ done, no = false) => (done ? "signed" : no ? "declined" : "notified");
    return {
      event_id: crypto.randomUUID(), event_time: String(seconds), sandbox: false,
      event_name: named(["signature_request.activated", "signer.done", "signer.done", "signature_request.done", "signer.declined"], event),
      data: {
        signature_request: {
          id: envelope, name: TITLE, status: event === "completed" ? "done" : declined ? "declined" : "ongoing", created_at: at, activated_at: at, ordered_signers: true, delivery_mode: "email",
          signers: [{ id: "one", status: status(company) }, { id: "two", status: status(client, declined) }], approvers: [], sender: { id: "sender", email: SENDER.email },
          decline_information: declined ? { signer_id: "two", reason: "Test", declined_at: at } : null, ...(event === "completed" ? { completed_at: at } : {}),
        },
        ...(event === "sent" || event === "completed" ? {} : {
          signer: { id: event === "company" ? "one" : "two", status: declined ? "declined" : "signed", info: { first_name: whose.name.split(" ")[0], last_name: whose.name.split(" ")[1], email: whose.email } },
        }),
      },
    };
  },
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
