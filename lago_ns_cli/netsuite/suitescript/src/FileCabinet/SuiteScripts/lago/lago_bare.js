/**
 * A single document in the form that Lago itself publishes: no operation, numbers as JSON numbers, dates as M/D/YYYY.
 *
 * @NApiVersion 2.1
 * @NModuleScope SameAccount
 */
define(['N/error', './lago_checks', './lago_push'], lagoBare);

/**
 * @param {import('N/error')} error
 * @param {ReturnType<typeof lagoChecks>} checks
 * @param {ReturnType<typeof lagoPush>} pusher
 */
function lagoBare(error, checks, pusher) {
  /** @type {{[type: string]: {prefix: string, field: string}}} */
  const KEY_OF_TYPE = {
    customer: { prefix: 'lago:cus:', field: 'custentity_lago_id' },
    invoice: { prefix: 'lago:inv:', field: 'custbody_lago_id' },
    creditmemo: { prefix: 'lago:cn:', field: 'custbody_lago_id' },
    customerpayment: { prefix: 'lago:pay:', field: 'custbody_lago_id' },
  };
  // The form does not say which values are dates; these are the ones it has.
  const DATES = [
    'trandate', 'duedate', 'startdate', 'enddate', 'custcol_service_period_date_from', 'custcol_service_period_date_to',
  ];

  /** @param {{[key: string]: any}} request */
  function isBare(request) {
    return !('operation' in request) && typeof request.type === 'string' && typeof request.columns === 'object'
      && request.columns !== null;
  }

  /**
   * @param {{[field: string]: any}} fields
   * @returns {{[field: string]: any}} with dates as the contract has them
   */
  function withIsoDates(fields) {
    return Object.fromEntries(Object.entries(fields).map(([field, value]) => {
      const match = DATES.includes(field) ? /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(String(value)) : null;
      return [field, match ? `${match[3]}-${match[1].padStart(2, '0')}-${match[2].padStart(2, '0')}` : value];
    }));
  }

  /**
   * Addresses come as `subObjectId` and `subObject`.
   *
   * @param {{[field: string]: any}} line
   */
  function withSubrecord({ subObjectId, subObject, ...line }) {
    return subObjectId ? { ...line, [subObjectId]: subObject } : line;
  }

  /**
   * @param {{[key: string]: any}} request
   * @returns {LagoSublist[]}
   */
  function sublists(request) {
    return checks.checkSublists(request.lines, 'lines')
      .map(({ sublistId, lineItems }) => ({ sublistId, lineItems: lineItems.map(withIsoDates).map(withSubrecord) }));
  }

  /** @param {LagoSublist[]} lines */
  function applications(lines) {
    return lines.filter(({ sublistId }) => sublistId === 'apply').flatMap(({ lineItems }) => lineItems)
      .map(({ doc, internalid, amount }) => ({ id: String(doc ?? internalid), amount: String(amount) }));
  }

  /**
   * @param {{[key: string]: any}} request
   * @returns {LagoDocument}
   */
  function toDocument(request) {
    const type = request.type.toLowerCase();
    if (!Object.hasOwn(KEY_OF_TYPE, type)) {
      throw error.create({ name: 'LAGO_BAD_REQUEST', message: `"type" is ${JSON.stringify(request.type)}.`, notifyOff: true });
    }
    const { prefix, field } = KEY_OF_TYPE[type];
    const lagoId = request.columns[field] ? String(request.columns[field]) : null;
    const lines = sublists(request);
    return {
      key: lagoId && `${prefix}${lagoId}`, lago_id: lagoId, type, action: request.recordId ? 'update' : 'create',
      id: request.recordId ? String(request.recordId) : null, fingerprint: null, columns: withIsoDates(request.columns),
      lines: lines.filter(({ sublistId }) => sublistId !== 'apply'), taxdetails: checks.checkSublists(request.taxdetails, 'taxdetails'), dates: DATES,
      apply: applications(lines), expect: null, archive: null,
      ignoreMandatoryFields: request.options?.ignoreMandatoryFields === true,
    };
  }

  /**
   * @param {{[key: string]: any}} request
   * @param {number} startedAt
   * @returns {string | null} the internal id
   */
  function push(request, startedAt) {
    try {
      return pusher.pushBare(toDocument(request), startedAt).id;
    } catch (thrown) {
      const { refusal, code, message } = /** @type {LagoRefusal} */ (thrown);
      throw refusal ? error.create({ name: code, message, notifyOff: true }) : thrown;
    }
  }

  return { isBare, push };
}
