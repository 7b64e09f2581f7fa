/**
 * Puts a document's values into a NetSuite record, in the order that a record in dynamic mode needs.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define(['N/record', 'N/error', './lago_decimal'], lagoEditor);

/**
 * A document as `push` takes it; see the contract.
 *
 * @typedef {string | number | boolean | null | {key: string}} LagoValue
 * @typedef {{[field: string]: LagoValue}} LagoColumns
 * @typedef {{[field: string]: LagoValue | LagoColumns}} LagoLine
 * @typedef {{sublistId: string, lineItems: LagoLine[]}} LagoSublist
 * @typedef {{
 *   key: string | null, lago_id?: string | null, type: string, action: string, id?: string | null,
 *   fingerprint?: string | null, columns: LagoColumns, lines: LagoSublist[], taxdetails: LagoSublist[],
 *   dates: string[], apply: {id?: string, key?: string, amount: string}[] | null,
 *   expect: {total: string, tax: string} | null, archive: {name: string, content: string} | null,
 *   ignoreMandatoryFields: boolean
 * }} LagoDocument
 * @typedef {{id: string, amount: string}} LagoApplication
 */

/**
 * @param {import('N/record')} record
 * @param {import('N/error')} error
 * @param {ReturnType<typeof lagoDecimal>} decimal
 */
function lagoEditor(record, error, decimal) {
  // Each of these makes NetSuite fill in or clear what follows it; all other fields come after, as they were sent.
  const BODY_FIRST = [
    'customer', 'entity', 'isperson', 'autoname', 'subsidiary', 'currency', 'aracct', 'exchangerate', 'terms', 'trandate',
    'postingperiod', 'duedate', 'taxregoverride', 'nexus', 'taxdetailsoverride',
  ];
  const LINE_FIRST = ['item', 'quantity', 'price', 'rate'];
  // The amount comes last of the price, so that it stands as given; a line's tax follows from it.
  const LINE_LAST = ['amount', 'taxrate1', 'tax1amt', 'grossamt'];
  // The country decides which address form the other fields belong to.
  const ADDRESS_FIRST = ['country'];
  const TAX_FIRST = ['taxdetailsreference', 'taxtype', 'taxcode', 'taxbasis', 'taxrate', 'taxamount'];
  const CUSTOM_PRICE_LEVEL = '-1';
  const LINE_ID = 'custcol_lago_line_id';
  // What NetSuite does not change on a saved transaction, or fills it anew from when it is set again.
  const FIXED_ONCE_SAVED = ['customer', 'entity', 'subsidiary', 'currency', 'aracct', 'exchangerate'];

  const NUMERIC = new Set([
    'amount', 'exchangerate', 'grossamt', 'payment', 'quantity', 'rate', 'tax1amt', 'taxamount', 'taxbasis', 'taxrate',
    'taxrate1',
  ]);

  /** How a line that is already on the record is recognised when a customer is updated. */
  /** @type {{[sublistId: string]: string}} */
  // The name of the sublist of further subsidiaries is not documented.
  const LINE_IDENTITY = { addressbook: 'label', currency: 'currency', submachine: 'subsidiary' };

  /**
   * @param {{[field: string]: unknown}} values
   * @param {string[]} first
   * @param {string[]} [last]
   */
  function ordered(values, first, last = []) {
    const sent = Object.keys(values);
    const middle = sent.filter((field) => !first.includes(field) && !last.includes(field));
    return [...first, ...middle, ...last].filter((field) => field in values);
  }

  /**
   * As `ordered`, for many lines: mostly they have the same fields, whose order is then found once.
   *
   * @param {string[]} first
   * @param {string[]} [last]
   * @returns {(values: {[field: string]: unknown}) => string[]}
   */
  function orderOfLines(first, last) {
    /** @type {Map<string, string[]>} */
    const known = new Map();
    return (values) => {
      const names = Object.keys(values).join();
      const order = known.get(names) ?? ordered(values, first, last);
      known.set(names, order);
      return order;
    };
  }

  /**
   * A calendar date as the local day that NetSuite wants, whatever the time zone.
   *
   * @param {string} text `YYYY-MM-DD`
   */
  function toDate(text) {
    const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
    const [year, month, day] = match ? match.slice(1).map(Number) : [0, 0, 0];
    const date = new Date(year, month - 1, day);
    if (year === 0 || date.getMonth() !== month - 1 || date.getDate() !== day) {
      throw error.create({ name: 'LAGO_BAD_DATE', message: `"${text}" is not a date such as 2026-07-31.`, notifyOff: true });
    }
    return date;
  }

  /**
   * @param {LagoDocument} doc
   * @param {Map<string, string>} references internal ids by key
   */
  function converter(doc, references) {
    const dates = new Set(doc.dates);
    /** @type {Map<string, Date>} */
    const days = new Map();
    /** @param {string} text */
    const day = (text) => {
      const date = days.get(text) ?? toDate(text);
      days.set(text, date);
      return date;
    };
    /**
     * @param {string} field
     * @param {LagoValue} value
     */
    return (field, value) => {
      if (value === null) return '';
      if (typeof value === 'object') return references.get(value.key) ?? '';
      if (typeof value !== 'string' || value === '') return value;
      if (dates.has(field)) return day(value);
      return NUMERIC.has(field) ? decimal.toFieldValue(value) : value;
    };
  }

  /**
   * @typedef {ReturnType<typeof converter>} LagoConverter
   */

  /**
   * @param {import('N/record').Record} target
   * @param {LagoColumns} columns
   * @param {LagoConverter} convert
   */
  function setBody(target, columns, convert) {
    for (const field of ordered(columns, BODY_FIRST)) {
      target.setValue({ fieldId: field, value: convert(field, columns[field]) });
    }
  }

  /**
   * @param {import('N/record').Record} target
   * @param {string} sublistId
   * @param {LagoLine} line
   * @param {string[]} order
   * @param {LagoConverter} convert
   */
  function setLine(target, sublistId, line, order, convert) {
    for (const fieldId of order) {
      const value = line[fieldId];
      if (value !== null && typeof value === 'object' && !('key' in value)) {
        setSubrecord(target, sublistId, fieldId, /** @type {LagoColumns} */ (value), convert);
      } else {
        target.setCurrentSublistValue({ sublistId, fieldId, value: convert(fieldId, /** @type {LagoValue} */ (value)) });
      }
    }
    target.commitLine({ sublistId });
  }

  /**
   * @param {import('N/record').Record} target
   * @param {string} sublistId
   * @param {string} fieldId
   * @param {LagoColumns} values
   * @param {LagoConverter} convert
   */
  function setSubrecord(target, sublistId, fieldId, values, convert) {
    const subrecord = target.getCurrentSublistSubrecord({ sublistId, fieldId });
    for (const field of ordered(values, ADDRESS_FIRST)) {
      subrecord.setValue({ fieldId: field, value: convert(field, values[field]) });
    }
  }

  /**
   * @param {import('N/record').Record} target
   * @param {LagoLine[]} lines
   * @param {LagoConverter} convert
   * @param {number} [before] lines that are there already
   * @returns {Map<string, string>} the line references of tax rows: as sent → as NetSuite keeps them
   */
  function addItems(target, lines, convert, before = 0) {
    const sublistId = 'item';
    const order = orderOfLines(LINE_FIRST, LINE_LAST);
    for (const sent of lines) {
      const line = priced(sent);
      target.selectNewLine({ sublistId });
      setLine(target, sublistId, line, order(line), convert);
    }
    return new Map(lines.flatMap((sent, index) => referenceOf(target, sent, before + index)));
  }

  /**
   * A line with the price level that lets its rate stand.
   *
   * @param {LagoLine} sent
   * @returns {LagoLine}
   */
  function priced(sent) {
    return 'price' in sent || !('rate' in sent || 'amount' in sent) ? sent : { ...sent, price: CUSTOM_PRICE_LEVEL };
  }

  /**
   * A line's reference for tax rows: as sent, and as NetSuite keeps it.
   *
   * @param {import('N/record').Record} target
   * @param {LagoLine} sent
   * @param {number} line
   * @returns {[string, string][]}
   */
  function referenceOf(target, { taxdetailsreference: sent }, line) {
    if (typeof sent !== 'string') return [];
    const kept = target.getSublistValue({ sublistId: 'item', fieldId: 'taxdetailsreference', line });
    return [[sent, String(kept || sent)]];
  }

  /**
   * Adds lines, or changes the one that a line of a customer names by its label or currency.
   *
   * @param {import('N/record').Record} target
   * @param {LagoSublist} sublist
   * @param {LagoConverter} convert
   */
  function putLines(target, { sublistId, lineItems }, convert) {
    const identity = LINE_IDENTITY[sublistId];
    for (const { changed, ...whole } of lineItems) {
      const value = identity && whole[identity];
      const found = value ? target.findSublistLineWithValue({ sublistId, fieldId: identity, value: String(value) }) : -1;
      const line = changed ? stillMeant(whole, /** @type {LagoColumns} */ (changed), found >= 0) : whole;
      if (!line) continue;
      if (found >= 0) target.selectLine({ sublistId, line: found });
      else target.selectNewLine({ sublistId });
      setLine(target, sublistId, line, ordered(line, []), convert);
    }
  }

  /**
   * What to set of a line whose changes are known: those alone, so that what a person wrote beside them stays. A line
   * that a person took away comes back whole, unless all that is left to do is to empty it.
   *
   * @param {LagoLine} line
   * @param {LagoColumns} changed
   * @param {boolean} isThere
   * @returns {LagoLine | null}
   */
  function stillMeant(line, changed, isThere) {
    /** @type {LagoLine} */
    const meant = {};
    for (const [field, value] of Object.entries(line)) {
      if (value === null || typeof value !== 'object') {
        if (changed[field] || (!isThere && typeof value !== 'boolean')) meant[field] = value;
        continue;
      }
      const inner = Object.entries(value).filter(([name]) => !isThere || changed[name]);
      if (!isThere && inner.every(([, kept]) => kept === null)) return null;
      if (inner.length > 0) meant[field] = /** @type {LagoColumns} */ (Object.fromEntries(inner));
    }
    return meant;
  }

  /**
   * @param {import('N/record').Record} target
   * @param {LagoDocument} doc
   * @param {LagoConverter} convert
   */
  function setLines(target, doc, convert) {
    /** @type {Map<string, string>} */
    let references = new Map();
    for (const sublist of doc.lines) {
      if (sublist.sublistId === 'item') references = addItems(target, sublist.lineItems, convert);
      else putLines(target, sublist, convert);
    }
    addTaxRows(target, doc, references, convert);
  }

  /**
   * @param {import('N/record').Record} target
   * @param {LagoDocument} doc
   * @param {Map<string, string>} references
   * @param {LagoConverter} convert
   */
  function addTaxRows(target, doc, references, convert) {
    const order = orderOfLines(TAX_FIRST);
    for (const row of doc.taxdetails.flatMap((sublist) => sublist.lineItems)) {
      const reference = String(row.taxdetailsreference);
      const kept = { ...row, taxdetailsreference: references.get(reference) ?? reference };
      target.selectNewLine({ sublistId: 'taxdetails' });
      setLine(target, 'taxdetails', kept, order(kept), convert);
    }
  }

  /**
   * Makes the applications exactly those wanted.
   *
   * @param {import('N/record').Record} target a memo or payment in dynamic mode
   * @param {LagoApplication[]} wanted
   */
  function setApplications(target, wanted) {
    const sublistId = 'apply';
    target.setValue({ fieldId: 'autoapply', value: false });
    const lines = Array.from({ length: target.getLineCount({ sublistId }) }, (_, line) => line);
    const ticked = lines.filter((line) => target.getSublistValue({ sublistId, fieldId: 'apply', line }) === true);
    const targets = wanted.map(({ id, amount }) => ({ line: lineOf(target, id), amount }));
    ticked.forEach((line) => tick(target, line, false, null));
    targets.forEach(({ line, amount }) => tick(target, line, true, amount));
  }

  /**
   * @param {import('N/record').Record} target
   * @param {string} id
   */
  function lineOf(target, id) {
    const line = target.findSublistLineWithValue({ sublistId: 'apply', fieldId: 'internalid', value: id });
    if (line >= 0) return line;
    throw error.create({
      name: 'LAGO_TARGET_NOT_OPEN', notifyOff: true,
      message: `Transaction ${id} is not offered for application: it is not open for this customer, currency and account.`,
    });
  }

  /**
   * @param {import('N/record').Record} target
   * @param {number} line
   * @param {boolean} apply
   * @param {string | null} amount
   */
  function tick(target, line, apply, amount) {
    const sublistId = 'apply';
    target.selectLine({ sublistId, line });
    target.setCurrentSublistValue({ sublistId, fieldId: 'apply', value: apply });
    if (amount !== null) {
      target.setCurrentSublistValue({ sublistId, fieldId: 'amount', value: decimal.toFieldValue(amount) });
    }
    target.commitLine({ sublistId });
  }

  /**
   * A new record with everything that the document says, not yet saved.
   *
   * @param {LagoDocument} doc
   * @param {LagoColumns} ourFields
   * @param {Map<string, string>} references
   * @param {LagoApplication[]} applications
   */
  function build(doc, ourFields, references, applications) {
    const convert = converter(doc, references);
    const target = record.create({ type: doc.type, isDynamic: true });
    setBody(target, { ...doc.columns, ...ourFields }, convert);
    setLines(target, doc, convert);
    if (doc.type === 'creditmemo' || doc.type === 'customerpayment') setApplications(target, applications);
    return target;
  }

  /**
   * @param {LagoDocument} doc with the id of an existing record
   * @param {LagoColumns} ourFields
   * @param {Map<string, string>} references
   */
  function change(doc, ourFields, references) {
    const convert = converter(doc, references);
    const target = record.load({ type: doc.type, id: String(doc.id), isDynamic: true });
    setBody(target, { ...doc.columns, ...ourFields }, convert);
    if (doc.type === 'customer') doc.lines.forEach((sublist) => putLines(target, sublist, convert));
    return target;
  }

  /**
   * A saved record stated anew, not yet saved: its lines and tax rows become those of the document. A line that is
   * still there keeps its place, so that what hangs on it (a revenue element) stays.
   *
   * @param {LagoDocument} doc with the id of an existing transaction
   * @param {LagoColumns} ourFields
   * @param {Map<string, string>} references
   * @param {LagoApplication[]} applications
   */
  function restate(doc, ourFields, references, applications) {
    const convert = converter(doc, references);
    const target = record.load({ type: doc.type, id: String(doc.id), isDynamic: true });
    const meant = Object.entries({ ...doc.columns, ...ourFields }).filter(([field]) => !FIXED_ONCE_SAVED.includes(field));
    setBody(target, Object.fromEntries(meant), convert);
    if (doc.type === 'customerpayment') setApplications(target, applications);
    else restateLines(target, doc, convert);
    return target;
  }

  /**
   * @param {import('N/record').Record} target
   * @param {LagoDocument} doc
   * @param {LagoConverter} convert
   */
  function restateLines(target, doc, convert) {
    const sent = doc.lines.filter(({ sublistId }) => sublistId === 'item').flatMap(({ lineItems }) => lineItems);
    removeLines(target, 'taxdetails', () => true);
    const places = placesOf(target, sent);
    const kept = new Set(places);
    removeLines(target, 'item', (line) => !kept.has(line));
    const left = [...kept].filter((line) => line >= 0).sort((a, b) => a - b);
    const added = sent.filter((_, index) => places[index] < 0);
    sent.forEach((line, index) => {
      if (places[index] >= 0) changeItem(target, line, left.indexOf(places[index]), convert);
    });
    const references = new Map(sent.flatMap((line, index) => (
      places[index] >= 0 ? referenceOf(target, line, left.indexOf(places[index])) : [])));
    addItems(target, added, convert, left.length).forEach((own, reference) => references.set(reference, own));
    addTaxRows(target, doc, references, convert);
  }

  /**
   * Where each sent line stands on the record, by our id of the line and its item; -1 where it does not.
   *
   * @param {import('N/record').Record} target
   * @param {LagoLine[]} sent
   * @returns {number[]}
   */
  function placesOf(target, sent) {
    const sublistId = 'item';
    const taken = new Set();
    return sent.map((line) => {
      const there = Array.from({ length: target.getLineCount({ sublistId }) }, (_, place) => place).find((place) => (
        !taken.has(place) && line[LINE_ID] !== undefined && [LINE_ID, 'item'].every((fieldId) => (
          String(target.getSublistValue({ sublistId, fieldId, line: place })) === String(line[fieldId])))));
      if (there !== undefined) taken.add(there);
      return there ?? -1;
    });
  }

  /**
   * @param {import('N/record').Record} target
   * @param {LagoLine} sent
   * @param {number} place
   * @param {LagoConverter} convert
   */
  function changeItem(target, sent, place, convert) {
    const { item: _item, taxdetailsreference: _reference, ...rest } = priced(sent);
    target.selectLine({ sublistId: 'item', line: place });
    setLine(target, 'item', rest, ordered(rest, LINE_FIRST, LINE_LAST), convert);
  }

  /**
   * @param {import('N/record').Record} target
   * @param {string} sublistId
   * @param {(line: number) => boolean} isMeant
   */
  function removeLines(target, sublistId, isMeant) {
    for (let line = target.getLineCount({ sublistId }) - 1; line >= 0; line -= 1) {
      if (isMeant(line)) target.removeLine({ sublistId, line });
    }
  }

  /**
   * @param {LagoDocument} doc with the id of an existing memo or payment
   * @param {LagoApplication[]} applications
   */
  function reapply(doc, applications) {
    const target = record.load({ type: doc.type, id: String(doc.id), isDynamic: true });
    setApplications(target, applications);
    return target;
  }

  return { build, change, reapply, restate };
}
