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
function payload(event, envelope, client) {
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

/** @type {Record<string, (values: Told) => any>} */
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
    const recipient = (/** @type {number} */ order, /** @type {any} */ person, /** @type {string} */ role, /** @type {boolean} */ done, no = false) => ({
      id: number + order, submission_id: number, ...person, role, sent_at: at, completed_at: done ? at : null, declined_at: no ? at : null, created_at: at, updated_at: at,
      status: done ? "completed" : no ? "declined" : "sent", decline_reason: no ? "Test" : null, metadata: {}, values: [],
    });
    const submitters = [recipient(1, COMPANY, "Director", company), recipient(2, who, "Client", client, declined)];
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
    const signer = (/** @type {string} */ id, /** @type {any} */ person, /** @type {string} */ role, /** @type {number} */ order, /** @type {boolean} */ done) => ({
      type: "recipient", id, first_name: person.name.split(" ")[0], last_name: person.name.split(" ")[1], email: person.email, recipient_type: "SIGNER", has_completed: done, role, roles: [role], signing_order: order,
    });
    const recipients = [signer("one", COMPANY, "Director", 1, company), signer("two", who, "Client", 2, client)];
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
    const signer = (/** @type {string} */ id, /** @type {any} */ person, /** @type {string} */ role, /** @type {boolean} */ done, no = false) => ({
      id, ...person, status: done ? "completed" : no ? "declined" : "sent", placeholder_name: role, signing_order: Number(id), ...(no ? { declined_reason: "Test" } : {}),
    });
    return {
      event: { type: named(["document_sent", "document_signed", "document_signed", "document_completed", "document_declined"], event), time: seconds, ...(event === "sent" || event === "completed" ? {} : { related_signer: whose }) },
      data: {
        object: {
          id: envelope, name: TITLE, status: event === "completed" ? "Completed" : declined ? "Declined" : event === "sent" ? "Sent" : "Pending", requester_email_address: SENDER.email, custom_requester_name: SENDER.name,
          apply_signing_order: true, created_at: at, updated_at: at, recipients: [signer("1", COMPANY, "Director", company), signer("2", who, "Client", client, declined)],
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
  adobe_sign: ({ event, envelope, at, company, client, declined, whose, who }) => {
    const set = (/** @type {number} */ order, /** @type {any} */ person, /** @type {string} */ name, /** @type {boolean} */ done, no = false) => ({
      id: `set-${order}`, name, order, role: "SIGNER", status: done ? "COMPLETED" : no ? "CANCELLED" : "WAITING_FOR_MY_SIGNATURE",
      memberInfos: [{ id: `member-${order}`, ...person, status: "ACTIVE", userId: `user-${order}` }],
    });
    const acting = event === "sent" ? { id: "sender", email: SENDER.email } : { id: event === "company" ? "user-1" : "user-2", email: whose.email };
    return {
      webhookNotificationId: crypto.randomUUID(), eventDate: at, eventResourceType: "agreement",
      event: named(["AGREEMENT_CREATED", "AGREEMENT_ACTION_COMPLETED", "AGREEMENT_ACTION_COMPLETED", "AGREEMENT_WORKFLOW_COMPLETED", "AGREEMENT_REJECTED"], event),
      participantUserId: acting.id, participantUserEmail: acting.email, actingUserId: acting.id, actingUserEmail: acting.email, initiatingUserId: "sender", initiatingUserEmail: SENDER.email,
      ...(event === "sent" ? {} : { participantRole: "SIGNER", actionType: declined ? "REJECTED" : "ESIGNED" }),
      agreement: {
        id: envelope, name: TITLE, signatureType: "ESIGN", status: event === "completed" ? "SIGNED" : declined ? "CANCELLED" : "OUT_FOR_SIGNATURE", createdDate: at, senderEmail: SENDER.email,
        participantSetsInfo: { participantSets: [set(1, COMPANY, "Director", company), set(2, who, "Client", client, declined)] },
      },
    };
  },
  dropbox_sign: ({ event, envelope, seconds, company, client, declined, who }) => {
    const signer = (/** @type {string} */ id, /** @type {any} */ person, /** @type {string} */ role, /** @type {number} */ order, /** @type {boolean} */ done, no = false) => ({
      signature_id: id, signer_email_address: person.email, signer_name: person.name, signer_role: role, order, status_code: done ? "signed" : no ? "declined" : "awaiting_signature",
      signed_at: done ? seconds : null, decline_reason: no ? "Test" : null,
    });
    return {
      event: {
        event_time: String(seconds), event_type: `signature_request_${named(["sent", "signed", "signed", "all_signed", "declined"], event)}`,
        event_metadata: { related_signature_id: event === "company" ? "one" : event === "client" || declined ? "two" : null },
      },
      signature_request: {
        signature_request_id: envelope.replaceAll("-", ""), title: TITLE, created_at: seconds, is_complete: event === "completed", is_declined: declined, has_error: false, requester_email_address: SENDER.email,
        signatures: [signer("one", COMPANY, "Director", 0, company), signer("two", who, "Client", 1, client, declined)],
      },
    };
  },
  scrive: ({ event, number, at, company, client, declined, who }) => {
    const party = (/** @type {number} */ order, /** @type {any} */ person, /** @type {boolean} */ done, no = false) => ({
      id: String(order), is_author: order === 1, is_signatory: true, signatory_role: "signing_party", sign_order: order, sign_time: done ? at : null, rejected_time: no ? at : null, rejection_reason: no ? "Test" : null,
      fields: [{ type: "name", order: 1, value: person.name.split(" ")[0] }, { type: "name", order: 2, value: person.name.split(" ")[1] }, { type: "email", value: person.email }],
    });
    return {
      id: String(number), title: TITLE, ctime: at, mtime: at, status: event === "completed" ? "closed" : declined ? "rejected" : "pending",
      parties: [party(1, COMPANY, company), party(2, who, client, declined)],
    };
  },
  signnow: ({ event, envelope, seconds, whose }) => ({
    meta: { timestamp: seconds, event: `document.${named(["fieldinvite.sent", "fieldinvite.signed", "fieldinvite.signed", "complete", "fieldinvite.decline"], event)}` },
    content: {
      document_id: envelope.replaceAll("-", ""), document_name: TITLE,
      ...(event === "completed" ? {} : { invite_id: event === "sent" || event === "company" ? "one" : "two", signer: event === "sent" ? COMPANY.email : whose.email, status: event === "sent" ? "pending" : event === "declined" ? "declined" : "fulfilled" }),
    },
  }),
  zoho_sign: ({ event, number, company, client, declined, whose, who }) => {
    const now = Date.now();
    const signer = (/** @type {number} */ order, /** @type {any} */ person, /** @type {string} */ role, /** @type {boolean} */ done, no = false) => ({
      action_type: "SIGN", action_id: number * 10 + order, recipient_name: person.name, recipient_email: person.email, role, signing_order: order, action_status: done ? "SIGNED" : no ? "DECLINED" : "UNOPENED",
    });
    const actor = event === "sent" ? SENDER : whose;
    return {
      requests: {
        request_id: number, request_name: TITLE, request_status: event === "completed" ? "completed" : declined ? "declined" : "inprogress", owner_email: SENDER.email, owner_first_name: "Jonas", owner_last_name: "Feld",
        is_sequential: true, created_time: now, sign_submitted_time: now, modified_time: now, action_time: now, actions: [signer(1, COMPANY, "Director", company), signer(2, who, "Client", client, declined)],
      },
      notifications: {
        performed_by_email: actor.email, performed_by_name: actor.name, performed_at: now, reason: declined ? "Test" : "",
        operation_type: `Request${named(["Submitted", "SigningSuccess", "SigningSuccess", "Completed", "Rejected"], event)}`, ...(event === "sent" ? {} : { action_id: number * 10 + (event === "company" ? 1 : 2) }),
      },
    };
  },
  stripe: ({ envelope, seconds, who }) => ({
    id: `evt_${envelope}`, object: "event", created: seconds, livemode: true, type: "checkout.session.completed",
    data: {
      object: {
        id: `cs_${envelope}`, object: "checkout.session", mode: "payment", status: "complete", payment_status: "paid", payment_intent: `pi_${envelope}`, amount_total: 480000, currency: "eur",
        customer_details: who, metadata: { countersign_document: "DOCUMENT" },
      },
    },
  }),
  incoming_call: () => ({ document: "DOCUMENT", code: "CODE", id: crypto.randomUUID() }),
};

const BOUNDARY = "countersign-example";

/**
 * Providers whose messages are no JSON. @type {Record<string, (values: Told) => Message>}
 */
const OTHERS = {
  bitrix24: ({ event, envelope, seconds }) => {
    const member = event === "company" || event === "client";
    const status = named(["signing", "done", "done", "done", "refused"], event);
    return form({
      event: member || event === "declined" ? "ONSIGNB2EMEMBERSTATUSCHANGED" : "ONSIGNB2EDOCUMENTSTATUSCHANGED",
      "data[documentUid]": envelope, ...(member || event === "declined" ? { "data[memberUid]": event === "company" ? "one" : "two" } : {}), "data[statusCode]": status, ts: String(seconds), "auth[member_id]": "test",
    });
  },
  dropbox_sign: (values) => ({
    headers: { "content-type": `multipart/form-data; boundary=${BOUNDARY}` },
    body: [`--${BOUNDARY}`, 'Content-Disposition: form-data; name="json"', "", written(BODIES.dropbox_sign(values)), `--${BOUNDARY}--`, ""].join("\r\n"),
  }),
  scrive: (values) => form({ document_id: String(values.number), document_signed_and_sealed: "false", document_json: JSON.stringify(BODIES.scrive(values)) }),
  skribble: ({ event, envelope }) => ({
    body: "", slot: named(["initiate", "update", "update", "success", "error"], event),
    query: { signature_request: envelope, document_id: "test", ...(event === "company" || event === "client" ? { signature_id: event } : {}) },
  }),
};

/** @param {Record<string, string>} fields @returns {Message} */
const form = (fields) => ({ headers: { "content-type": "application/x-www-form-urlencoded" }, body: new URLSearchParams(fields).toString() });
/** @param {any} value */
const written = (value) => JSON.stringify(value, null, 2);

/** What tells of a document that is there already. @type {Record<string, string[]>} */
const ALONE = { incoming_call: ["call"], stripe: ["payment"] };

/** The examples of a provider; none where its messages have to be copied from it. @param {string} provider @returns {string[]} */
export const examplesOf = (provider) => ALONE[provider] ?? (provider in BODIES || provider in OTHERS ? SIGNING : []);

/**
 * A message as the provider would send it. @param {string} provider @param {string} event One of its examples.
 * @param {string} envelope @param {string} [client] The client's address. @returns {Message}
 */
export function messageOf(provider, event, envelope, client = CLIENT) {
  const given = payload(event, envelope, client);
  return OTHERS[provider]?.(given) ?? { headers: { "content-type": "application/json" }, body: written(BODIES[provider](given)) };
}
