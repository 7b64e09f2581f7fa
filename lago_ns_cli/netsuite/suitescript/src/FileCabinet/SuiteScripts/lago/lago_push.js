/**
 * Writes documents: creates, adopts, updates or applies, and reads back.
 *
 * Every document ends in an outcome of its own; one that fails does not stop the next.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define([
  'N/runtime', 'N/log', './lago_archive', './lago_checks', './lago_decimal', './lago_editor', './lago_identity',
  './lago_queries',
], lagoPush);

/**
 * @typedef {{
 *   key: string | null, outcome: string, id: string | null, record: LagoRecordForm | null,
 *   error: LagoNotice | null, notices: LagoNotice[], units: number
 * }} LagoAnswer
 * @typedef {{
 *   startedAt: number, deadlineMs: number, slowestMs: number,
 *   ids: Map<string, string>, failed: Map<string, string>
 * }} LagoSession
 */

/**
 * @param {import('N/runtime')} runtime
 * @param {import('N/log')} log
 * @param {ReturnType<typeof lagoArchive>} archive
 * @param {ReturnType<typeof lagoChecks>} checks
 * @param {ReturnType<typeof lagoDecimal>} decimal
 * @param {ReturnType<typeof lagoEditor>} editor
 * @param {ReturnType<typeof lagoIdentity>} identity
 * @param {ReturnType<typeof lagoQueries>} queries
 */
function lagoPush(runtime, log, archive, checks, decimal, editor, identity, queries) {
  // The dearest document: references 20, look-up 10, current applications 10, targets 10, A/R account 10, create 10,
  // save 20, look-up after a failed save 10, read-back 20, archive 30.
  const UNITS_PER_DOCUMENT = 150;
  const UNITS_RESERVED = 60;
  const SAVES_AT_MOST = 3;

  /** @type {{[prefix: string]: string}} */
  const TYPE_OF_KEY = {
    cus: 'customer', inv: 'invoice', cn: 'creditmemo', void: 'creditmemo', prepaid: 'creditmemo', pay: 'customerpayment',
  };

  const CHANGED_SINCE = ['RCRD_HAS_BEEN_CHANGED', 'RCRD_EDITED_SINCE_RETRIEVED'];
  // Which of these a repeated external id raises is not documented.
  const NOT_UNIQUE = [
    'DUP_RCRD', 'UNIQUE_RCRD_ID_REQD', 'DUP_ENTITY', 'DUP_NAME', 'UNIQUE_CUST_ID_REQD', 'CANT_CREATE_NON_UNIQUE_RCRD',
    'NONUNIQUE_INDEX_VALUE',
  ];

  const remainingUnits = () => runtime.getCurrentScript().getRemainingUsage();

  /**
   * The internal ids of every key that the document refers to.
   *
   * @param {LagoDocument} doc
   * @param {LagoSession} session
   * @returns {Map<string, string>}
   */
  function resolve(doc, session) {
    /** @type {Map<string, string>} */
    const references = new Map();
    /** @type {Map<string, string[]>} */
    const unknown = new Map();
    for (const key of referredKeys(doc)) {
      const failure = session.failed.get(key);
      if (failure) throw checks.refusal('not_attempted', 'LAGO_PARENT_FAILED', `${key} was ${failure} in this call.`);
      const known = session.ids.get(key);
      if (known) references.set(key, known);
      else unknown.set(typeOfKey(key), [...(unknown.get(typeOfKey(key)) ?? []), key]);
    }
    for (const [type, keys] of unknown) {
      identity.requireSight(type);
      queries.idsByKey(type, keys).forEach((id, key) => references.set(key, id));
      const absent = keys.find((key) => !references.has(key));
      if (absent) throw checks.refusal('rejected', 'LAGO_REFERENCE_NOT_FOUND', `There is no ${type} with the key ${absent}.`);
    }
    references.forEach((id, key) => session.ids.set(key, id));
    return references;
  }

  /** @param {LagoDocument} doc */
  function referredKeys(doc) {
    /** @type {Set<string>} */
    const keys = new Set();
    for (const fields of [doc.columns, ...doc.lines.flatMap((sublist) => sublist.lineItems)]) {
      for (const value of Object.values(fields)) {
        if (typeof value === 'object' && value !== null && typeof value.key === 'string') keys.add(value.key);
      }
    }
    for (const { key } of doc.apply ?? []) {
      if (key !== undefined && key !== null) keys.add(key);
    }
    return keys;
  }

  /** @param {string} key */
  function typeOfKey(key) {
    const type = TYPE_OF_KEY[key.split(':')[1]];
    if (!type) throw checks.refusal('rejected', 'LAGO_BAD_DOCUMENT', `The key ${key} names no kind of document.`);
    return type;
  }

  /**
   * @param {LagoDocument} doc
   * @param {Map<string, string>} references
   * @returns {LagoApplication[]}
   */
  function wantedApplications(doc, references) {
    return (doc.apply ?? []).map(({ id, key, amount }) => ({ id: String(id ?? references.get(String(key))), amount }));
  }

  /**
   * @param {LagoDocument} doc
   * @param {LagoSession} session
   */
  function create(doc, session) {
    identity.requireSight(doc.type);
    const references = resolve(doc, session);
    const present = identity.existing(doc, references);
    if (present) {
      return { outcome: 'adopted', id: present.found.id, notices: present.complete ? [] : identity.markAsOurs(doc, present.found) };
    }
    checks.checkTotals(doc);
    const wanted = wantedApplications(doc, references);
    checkTargets(wanted, []);
    const ours = { ...receivablesAccount(doc, wanted), ...identity.ourFields(doc) };
    return save(doc, () => editor.build(doc, ours, references, wanted), 'created');
  }

  /**
   * The A/R account that a payment needs: NetSuite offers it only the invoices of its own.
   *
   * @param {LagoDocument} doc
   * @param {LagoApplication[]} wanted
   * @returns {LagoColumns}
   */
  function receivablesAccount(doc, wanted) {
    if (doc.type !== 'customerpayment' || wanted.length === 0 || 'aracct' in doc.columns) return {};
    const accounts = queries.receivablesAccounts(wanted.map(({ id }) => id));
    const distinct = [...new Set(accounts.values())];
    if (distinct.length > 1) {
      const named = [...accounts].map(([invoice, account]) => `invoice ${invoice} on account ${account}`);
      throw checks.refusal('rejected', 'LAGO_TWO_AR_ACCOUNTS',
        `A payment has one A/R account; its invoices are on ${distinct.length}: ${named.join(', ')}.`);
    }
    return distinct.length === 1 ? { aracct: distinct[0] } : {};
  }

  /**
   * @param {LagoApplication[]} wanted
   * @param {LagoApplication[]} current
   */
  function checkTargets(wanted, current) {
    if (wanted.length === 0) return;
    identity.requireSight('invoice');
    checks.checkApplications(wanted, current, queries.find('invoice', { ids: wanted.map(({ id }) => id) }));
  }

  /**
   * @param {LagoDocument} doc
   * @param {() => import('N/record').Record} make
   * @param {'created' | 'updated'} outcome
   */
  function save(doc, make, outcome) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const id = make().save({ ignoreMandatoryFields: doc.ignoreMandatoryFields });
        return { outcome, id: String(id), notices: [] };
      } catch (failure) {
        const { name } = /** @type {LagoThrown} */ (failure);
        if (attempt < SAVES_AT_MOST && outcome === 'updated' && CHANGED_SINCE.includes(name)) continue;
        return savedDespite(doc, /** @type {LagoThrown} */ (failure), outcome);
      }
    }
  }

  /**
   * A save can commit and still throw, as when a user-event script fails after it, so what is there decides.
   *
   * @param {LagoDocument} doc
   * @param {LagoThrown} failure
   * @param {'created' | 'updated'} outcome
   */
  function savedDespite(doc, failure, outcome) {
    const found = lookUpAfter(doc, failure, outcome);
    if (!found || (outcome === 'updated' && (!doc.fingerprint || found.fingerprint !== doc.fingerprint))) throw failure;
    if (doc.fingerprint && found.fingerprint !== doc.fingerprint) {
      throw checks.refusal('conflict', 'LAGO_FINGERPRINT_DIFFERS',
        `${doc.key} was made from other content (id ${found.id}) while this call ran.`, found);
    }
    if (NOT_UNIQUE.includes(failure.name)) return { outcome: 'adopted', id: found.id, notices: [] };
    const notice = { code: 'LAGO_SAVED_DESPITE_ERROR', message: `${failure.name}: ${failure.message}` };
    return { outcome, id: found.id, notices: [notice] };
  }

  /**
   * @param {LagoDocument} doc
   * @param {LagoThrown} failure
   * @param {'created' | 'updated'} outcome
   */
  function lookUpAfter(doc, failure, outcome) {
    const wanted = outcome === 'updated' ? { ids: [String(doc.id)] } : { keys: doc.key ? [doc.key] : [] };
    try {
      return queries.find(doc.type, wanted).find((row) => outcome === 'updated' || row.key === doc.key) ?? null;
    } catch (unreadable) {
      throw checks.refusal('rejected', 'UNEXPECTED_ERROR',
        `The save failed (${failure.name}: ${failure.message}) and whether it committed could not be read `
        + `(${/** @type {LagoThrown} */ (unreadable).name}).`);
    }
  }

  /**
   * @param {LagoDocument} doc
   * @param {LagoSession} session
   */
  function adopt(doc, session) {
    const found = identity.named(doc);
    const references = resolve(doc, session);
    const { id } = identity.agreed(doc, [found], references);
    return { outcome: 'adopted', id, notices: identity.markAsOurs(doc, found) };
  }

  /**
   * @param {LagoDocument} doc
   * @param {LagoSession} session
   */
  function update(doc, session) {
    const found = identity.named(doc);
    const references = resolve(doc, session);
    const ours = identity.ourFields(doc);
    if (found.key !== null) delete ours.externalid;
    // A fingerprint that was there before says nothing about this save.
    const proof = found.fingerprint === doc.fingerprint ? null : doc.fingerprint;
    return save({ ...doc, fingerprint: proof }, () => editor.change(doc, ours, references), 'updated');
  }

  /**
   * States a record anew that somebody changed, where NetSuite permits it.
   *
   * @param {LagoDocument} doc
   * @param {LagoSession} session
   */
  function restore(doc, session) {
    const found = identity.named(doc);
    const references = resolve(doc, session);
    checks.checkTotals(doc);
    const moved = checks.moved(doc, found, references);
    if (moved.length > 0) {
      throw checks.refusal('rejected', 'LAGO_CANNOT_RESTORE',
        `NetSuite does not change this on a saved record (id ${found.id}): ${moved.join('; ')}.`);
    }
    const wanted = doc.type === 'customerpayment' ? wantedApplications(doc, references) : [];
    if (wanted.length > 0) checkTargets(wanted, queries.applications([found.id]).get(found.id) ?? []);
    const ours = identity.ourFields(doc);
    if (found.key !== null) delete ours.externalid;
    // A fingerprint that was there before says nothing about this save.
    const proof = found.fingerprint === doc.fingerprint ? null : doc.fingerprint;
    return save({ ...doc, fingerprint: proof }, () => editor.restate(doc, ours, references, wanted), 'updated');
  }

  /**
   * @param {LagoDocument} doc
   * @param {LagoSession} session
   */
  function apply(doc, session) {
    const found = identity.named(doc);
    const references = resolve(doc, session);
    const wanted = wantedApplications(doc, references);
    const current = queries.applications([found.id]).get(found.id) ?? [];
    const same = wanted.length === current.length && wanted.every(
      ({ id, amount }) => current.some((now) => now.id === id && decimal.parse(now.amount) === decimal.parse(amount)));
    if (same) return { outcome: 'updated', id: found.id, notices: [] };
    checkTargets(wanted, current);
    return save({ ...doc, fingerprint: null }, () => editor.reapply(doc, wanted), 'updated');
  }

  /** @type {{[action: string]: (doc: LagoDocument, session: LagoSession) => {outcome: string, id: string, notices: LagoNotice[]}}} */
  const ACTIONS = { create, update, adopt, apply, restore };

  /**
   * @param {LagoDocument} doc
   * @param {string} id
   * @param {LagoNotice[]} notices
   * @returns {LagoRecordForm | null}
   */
  function readBack(doc, id, notices) {
    try {
      const [found] = queries.find(doc.type, { ids: [id] });
      if (!found) {
        notices.push({ code: 'LAGO_READ_BACK_FAILED', message: `The record ${id} was saved and is not found.` });
        return null;
      }
      const form = withApplications(doc.type, [found])[0];
      noteDifferences(doc, form, notices);
      return form;
    } catch (failure) {
      const { name, message } = /** @type {LagoThrown} */ (failure);
      notices.push({ code: 'LAGO_READ_BACK_FAILED', message: `The record ${id} was saved; ${name}: ${message}` });
      return null;
    }
  }

  /**
   * @param {LagoDocument} doc
   * @param {LagoRecordForm} form
   * @param {LagoNotice[]} notices
   */
  function noteDifferences(doc, form, notices) {
    if (!doc.expect || form.type === 'customer') return;
    const { total, tax } = doc.expect;
    const same = decimal.parse(form.total) === decimal.parse(total)
      && (doc.type === 'customerpayment' || decimal.parse(form.tax) === decimal.parse(tax ?? '0'));
    if (same) return;
    notices.push({
      code: 'LAGO_TOTAL_DIFFERS',
      message: `NetSuite holds total ${form.total} with tax ${form.tax}; expected ${total} with tax ${tax}.`,
    });
  }

  /**
   * @param {string} type
   * @param {LagoRecordForm[]} forms
   */
  function withApplications(type, forms) {
    if (type !== 'creditmemo' && type !== 'customerpayment') return forms;
    const applied = queries.applications(forms.map(({ id }) => id));
    return forms.map((form) => ({ ...form, apply: applied.get(form.id) ?? [] }));
  }

  /**
   * @param {unknown} sent
   * @param {LagoSession} session
   * @returns {LagoAnswer}
   */
  function pushOne(sent, session) {
    return write(checks.checkShape(sent), session);
  }

  /**
   * @param {LagoDocument} doc
   * @param {LagoSession} session
   * @returns {LagoAnswer}
   */
  function write(doc, session) {
    const { outcome, id, notices } = ACTIONS[doc.action](doc, session);
    if (doc.key) session.ids.set(doc.key, id);
    const said = [...notices];
    const form = readBack(doc, id, said);
    if (doc.archive) {
      const notice = archive.store(doc.archive);
      if (notice) said.push(notice);
    }
    return { key: doc.key, outcome, id, record: form, error: null, notices: said, units: 0 };
  }

  /**
   * @param {unknown} sent
   * @returns {string | null}
   */
  function keyOf(sent) {
    const key = sent !== null && typeof sent === 'object' ? /** @type {{key?: unknown}} */ (sent).key : null;
    return typeof key === 'string' ? key : null;
  }

  /**
   * @param {unknown} sent
   * @param {unknown} thrown
   * @returns {LagoAnswer}
   */
  function failedAnswer(sent, thrown) {
    const answer = { key: keyOf(sent), record: null, notices: [], units: 0 };
    const refused = /** @type {LagoRefusal} */ (thrown);
    if (refused.refusal) {
      const { outcome, code, message, found } = refused;
      return { ...answer, outcome, id: found ? found.id : null, record: found, error: { code, message } };
    }
    const { name, message, stack } = /** @type {LagoThrown} */ (thrown);
    log.error({ title: `Rejected ${answer.key}`, details: { name, message, stack } });
    return { ...answer, outcome: 'rejected', id: null, error: { code: name || 'UNEXPECTED_ERROR', message: message || String(thrown) } };
  }

  /** @param {LagoSession} session */
  function exhausted(session) {
    if (remainingUnits() < UNITS_PER_DOCUMENT + UNITS_RESERVED) return 'usage units';
    const elapsed = Date.now() - session.startedAt;
    return elapsed + session.slowestMs >= session.deadlineMs ? 'time' : null;
  }

  /**
   * @param {unknown} sent
   * @param {LagoSession} session
   * @returns {LagoAnswer}
   */
  function isolated(sent, session) {
    const short = exhausted(session);
    if (short) return failedAnswer(sent, checks.refusal('not_attempted', 'LAGO_OUT_OF_BUDGET', `The call ran out of ${short}.`));
    const units = remainingUnits();
    const begun = Date.now();
    let answer;
    try {
      answer = pushOne(sent, session);
    } catch (thrown) {
      answer = failedAnswer(sent, thrown);
    }
    session.slowestMs = Math.max(session.slowestMs, Date.now() - begun);
    return { ...answer, units: units - remainingUnits() };
  }

  /**
   * @param {unknown[]} documents
   * @param {number} startedAt
   * @param {number} deadlineSeconds
   * @returns {LagoAnswer[]}
   */
  function push(documents, startedAt, deadlineSeconds) {
    const session = newSession(startedAt, deadlineSeconds);
    return documents.map((sent) => {
      const answer = isolated(sent, session);
      if (answer.error && answer.key) session.failed.set(answer.key, answer.outcome);
      return answer;
    });
  }

  /**
   * @param {number} startedAt
   * @param {number} deadlineSeconds
   * @returns {LagoSession}
   */
  function newSession(startedAt, deadlineSeconds) {
    return { startedAt, deadlineMs: deadlineSeconds * 1000, slowestMs: 0, ids: new Map(), failed: new Map() };
  }

  /**
   * Writes one document and lets a failure through.
   *
   * @param {LagoDocument} doc
   * @param {number} startedAt
   */
  function pushBare(doc, startedAt) {
    return write(doc, newSession(startedAt, 0));
  }

  return { push, pushBare, withApplications };
}
