/**
 * What a document must satisfy before anything is written: its shape, its totals, its applications.
 * A check that fails throws a refusal, which becomes the document's answer.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define(['./lago_decimal'], lagoChecks);

/**
 * @typedef {{
 *   refusal: true, outcome: 'conflict' | 'rejected' | 'not_attempted', code: string, message: string,
 *   found: LagoRecordForm | null
 * }} LagoRefusal
 */

/** @param {ReturnType<typeof lagoDecimal>} decimal */
function lagoChecks(decimal) {
  /** @type {{[type: string]: string[]}} */
  const ACTIONS_OF_TYPE = {
    customer: ['create', 'update', 'adopt'],
    invoice: ['create', 'update', 'adopt', 'restore'],
    creditmemo: ['create', 'update', 'adopt', 'apply', 'restore'],
    customerpayment: ['create', 'update', 'adopt', 'apply', 'restore'],
  };
  const OPEN_STATES = ['open'];

  /**
   * @param {LagoRefusal['outcome']} outcome
   * @param {string} code
   * @param {string} message
   * @param {LagoRecordForm | null} [found]
   * @returns {LagoRefusal}
   */
  function refusal(outcome, code, message, found = null) {
    return { refusal: true, outcome, code, message, found };
  }

  /** @param {string} message */
  function malformed(message) {
    return refusal('rejected', 'LAGO_BAD_DOCUMENT', message);
  }

  /** @param {unknown} value */
  function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  }

  /**
   * @param {unknown} sublists
   * @param {string} name
   * @returns {LagoSublist[]}
   */
  function checkSublists(sublists, name) {
    const list = sublists ?? [];
    const good = Array.isArray(list) && list.every(
      (entry) => isObject(entry) && typeof entry.sublistId === 'string'
        && Array.isArray(entry.lineItems) && entry.lineItems.every(isObject));
    if (!good) throw malformed(`"${name}" must be a list of {"sublistId", "lineItems": [{…}]}.`);
    return /** @type {LagoSublist[]} */ (list);
  }

  /**
   * A sent document with everything optional filled in.
   *
   * @param {unknown} sent
   * @returns {LagoDocument}
   */
  function checkShape(sent) {
    if (!isObject(sent)) throw malformed('A document must be an object.');
    const doc = /** @type {{[key: string]: any}} */ (sent);
    const actions = typeof doc.type === 'string' && Object.hasOwn(ACTIONS_OF_TYPE, doc.type) ? ACTIONS_OF_TYPE[doc.type] : null;
    if (!actions) throw malformed(`"type" is ${JSON.stringify(doc.type)}; known: ${Object.keys(ACTIONS_OF_TYPE).join(', ')}.`);
    if (!actions.includes(doc.action)) {
      throw malformed(`"action" of a ${doc.type} is ${JSON.stringify(doc.action)}; known: ${actions.join(', ')}.`);
    }
    if (typeof doc.key !== 'string' || !doc.key.startsWith('lago:')) throw malformed('"key" must start with "lago:".');
    if (doc.action !== 'create' && !/^\d+$/.test(String(doc.id))) throw malformed(`"id" is needed to ${doc.action}.`);
    if (doc.action === 'apply' && !Array.isArray(doc.apply)) throw malformed('"apply" is needed to apply.');
    if (!isObject(doc.columns ?? {})) throw malformed('"columns" must be an object.');
    return {
      key: doc.key, lago_id: doc.lago_id ?? null, type: doc.type, action: doc.action,
      id: doc.id === undefined || doc.id === null ? null : String(doc.id), fingerprint: doc.fingerprint ?? null,
      columns: doc.columns ?? {}, lines: checkSublists(doc.lines, 'lines'),
      taxdetails: checkSublists(doc.taxdetails, 'taxdetails'), dates: doc.dates ?? [], apply: doc.apply ?? null,
      expect: doc.expect ?? null, archive: doc.archive ?? null, ignoreMandatoryFields: false,
    };
  }

  /** @param {LagoDocument} doc */
  function itemLines(doc) {
    return doc.lines.filter((sublist) => sublist.sublistId === 'item').flatMap((sublist) => sublist.lineItems);
  }

  /**
   * The tax that the document itself states, or null where NetSuite is to compute it (legacy regime).
   *
   * @param {LagoDocument} doc
   */
  function statedTax(doc) {
    const rows = doc.taxdetails.flatMap((sublist) => sublist.lineItems);
    if (rows.length > 0 || doc.columns.taxdetailsoverride === true) return decimal.sum(rows.map((row) => row.taxamount));
    const taxed = itemLines(doc).filter((line) => 'tax1amt' in line);
    return taxed.length > 0 ? decimal.sum(taxed.map((line) => line.tax1amt)) : null;
  }

  /**
   * Lines and tax must make the expected total, exactly.
   *
   * @param {LagoDocument} doc
   */
  function checkTotals(doc) {
    if (!doc.expect) return;
    const total = decimal.parse(doc.expect.total);
    const tax = decimal.parse(doc.expect.tax ?? '0');
    if (doc.type === 'customerpayment') {
      if (decimal.parse(doc.columns.payment) === total) return;
      throw refusal('rejected', 'LAGO_TOTALS_DIFFER', `The payment is ${doc.columns.payment}, expected ${doc.expect.total}.`);
    }
    const bare = itemLines(doc).findIndex((line) => !('amount' in line));
    if (bare >= 0) throw malformed(`Item line ${bare + 1} has no "amount", so its total cannot be checked.`);
    const lines = decimal.sum(itemLines(doc).map((line) => line.amount));
    const stated = statedTax(doc) ?? tax;
    if (stated === tax && lines + stated === total) return;
    throw refusal('rejected', 'LAGO_TOTALS_DIFFER',
      `Lines ${decimal.format(lines)} and tax ${decimal.format(stated)} make ${decimal.format(lines + stated)}; `
      + `expected total ${doc.expect.total} with tax ${doc.expect.tax}.`);
  }

  /**
   * Each target must be open with at least the amount that is to be applied.
   *
   * @param {LagoApplication[]} wanted
   * @param {LagoApplication[]} current what this memo or payment is applied to already
   * @param {LagoRecordForm[]} targets
   */
  function checkApplications(wanted, current, targets) {
    const found = new Map(targets.map((target) => [target.id, target]));
    const already = new Map(current.map(({ id, amount }) => [id, decimal.parse(amount)]));
    if (new Set(wanted.map(({ id }) => id)).size < wanted.length) throw malformed('"apply" names a target twice.');
    for (const { id, amount } of wanted) {
      const target = found.get(id);
      if (!target) throw refusal('rejected', 'LAGO_TARGET_NOT_FOUND', `There is no invoice with the internal id ${id}.`);
      if (decimal.parse(amount) <= 0n) throw malformed(`The amount ${amount} to apply on ${target.number} is not above zero.`);
      const open = decimal.parse(target.unpaid) + (already.get(id) ?? 0n);
      if (!OPEN_STATES.includes(String(target.status)) && !already.has(id)) {
        throw refusal('rejected', 'LAGO_TARGET_NOT_OPEN',
          `Invoice ${target.number} (id ${id}) is ${target.status}: ${decimal.format(open)} is open, ${amount} was to be applied.`);
      }
      if (decimal.parse(amount) > open) {
        throw refusal('rejected', 'LAGO_OVER_APPLIED',
          `Invoice ${target.number} (id ${id}) has ${decimal.format(open)} open; ${amount} cannot be applied.`);
      }
    }
  }

  /**
   * What a record says otherwise than the document: customer, currency, date, total. A field that the
   * document leaves out is not compared.
   *
   * @param {LagoDocument} doc
   * @param {LagoRecordForm} found
   * @param {Map<string, string>} references
   */
  function differences(doc, found, references) {
    if (found.type === 'customer') return [];
    const different = moved(doc, found, references);
    if ((doc.columns.trandate ?? null) !== null && String(doc.columns.trandate) !== String(found.date)) {
      different.push(`date ${doc.columns.trandate} is ${found.date} there`);
    }
    const total = doc.expect && decimal.parse(doc.expect.total);
    if (total !== null && total !== decimal.parse(found.total)) {
      different.push(`total ${decimal.format(total)} is ${found.total} there`);
    }
    return different;
  }

  /**
   * In what a saved transaction cannot be changed, and differs from the document: customer and currency.
   *
   * @param {LagoDocument} doc
   * @param {LagoRecordForm} found
   * @param {Map<string, string>} references
   */
  function moved(doc, found, references) {
    const sent = (/** @type {string} */ field) => {
      const value = doc.columns[field] ?? null;
      return value !== null && typeof value === 'object' ? references.get(value.key) ?? null : value;
    };
    /** @type {[string, unknown, unknown][]} */
    const pairs = [
      ['customer', sent('entity') ?? sent('customer'), found.entity],
      ['currency', sent('currency'), found.currency],
    ];
    const different = pairs.filter(([, ours, theirs]) => ours !== null && String(ours) !== String(theirs));
    return different.map(([name, ours, theirs]) => `${name} ${ours} is ${theirs} there`);
  }

  return { refusal, checkShape, checkSublists, checkTotals, checkApplications, differences, moved };
}
