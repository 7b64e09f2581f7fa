/**
 * Lago service: the RESTlet that lago-ns calls. It reads a request, does what its operation says, and
 * answers as the contract describes.
 *
 * @NApiVersion 2.1
 * @NScriptType Restlet
 * @NModuleScope SameAccount
 */
define([
  'N/error', 'N/runtime', 'N/scriptTypes/restlet', './lago_access', './lago_archive', './lago_bare', './lago_catalog', './lago_objects',
  './lago_probe', './lago_push', './lago_queries', './lago_revenue',
], lagoService);

/**
 * @param {import('N/error')} error
 * @param {import('N/runtime')} runtime
 * @param {import('N/scriptTypes/restlet')} restlet
 * @param {ReturnType<typeof lagoAccess>} access
 * @param {ReturnType<typeof lagoArchive>} archive
 * @param {ReturnType<typeof lagoBare>} bare
 * @param {ReturnType<typeof lagoCatalog>} catalog
 * @param {ReturnType<typeof lagoObjects>} objects
 * @param {ReturnType<typeof lagoProbe>} prober
 * @param {ReturnType<typeof lagoPush>} pusher
 * @param {ReturnType<typeof lagoQueries>} queries
 * @param {ReturnType<typeof lagoRevenue>} revenues
 */
function lagoService(error, runtime, restlet, access, archive, bare, catalog, objects, prober, pusher, queries, revenues) {
  const CONTRACT = 1;
  const SCRIPT_VERSION = '1.2.0';
  const DEADLINE_SECONDS = 200;
  const QUERIES_AT_MOST = 200;
  const ROWS_AT_MOST = 1000;
  const REVENUE_ROWS_AT_MOST = 500;
  const OBJECTS_AT_MOST = 1000;
  const FIRST_DAY = '1900-01-01';
  const LAST_DAY = '9999-12-31';
  const EXTRAS = ['taxes', 'applied_by', 'address'];

  /** @typedef {{[key: string]: any}} LagoRequest */

  /**
   * @param {string} name
   * @param {string} message
   */
  function fail(name, message) {
    return error.create({ name, message, notifyOff: true });
  }

  /** @param {string} message */
  function badRequest(message) {
    return fail('LAGO_BAD_REQUEST', message);
  }

  /**
   * @param {() => string | null} read
   * @returns {string | null} null where the role may not read it
   */
  function readable(read) {
    try {
      return read();
    } catch (denied) {
      return null;
    }
  }

  function ping() {
    const user = runtime.getCurrentUser();
    return {
      account: runtime.accountId,
      environment: String(runtime.envType),
      role: { id: String(user.role), name: readable(() => queries.roleName(user.role)) ?? user.roleId },
      user: String(user.id),
      time: new Date().toISOString(),
      time_zone: readable(() => user.getPreference({ name: 'TIMEZONE' }) || null),
      features: access.features(),
      missing_permissions: access.missingPermissions(),
      missing_fields: Object.keys(access.unappliedFields()),
    };
  }

  /** How our own set-up in the account stands, beyond what every run has to know. */
  function inspect() {
    return { archive: archive.check(), unapplied_fields: access.unappliedFields() };
  }

  /**
   * @param {LagoRequest} request
   * @param {number} startedAt
   */
  function push({ documents, deadline_seconds: deadline = DEADLINE_SECONDS }, startedAt) {
    if (!Array.isArray(documents)) throw badRequest('"documents" must be a list.');
    if (typeof deadline !== 'number' || !(deadline > 0)) throw badRequest('"deadline_seconds" must be above 0.');
    return { documents: pusher.push(documents, startedAt, deadline) };
  }

  /** @param {LagoRequest} asked */
  function identity(asked) {
    const wanted = ['key', 'lago_id', 'id', 'number'].filter((name) => typeof asked?.[name] === 'string' && asked[name] !== '');
    if (wanted.length !== 1 || !access.types.includes(asked.type)) {
      throw badRequest('Each of "queries" needs a "type" and one of "key", "lago_id", "id" or "number".');
    }
    if (wanted[0] === 'id' && !/^\d+$/.test(asked.id)) throw badRequest(`"${asked.id}" is not an internal id.`);
    return wanted[0];
  }

  /**
   * @param {unknown} include what a caller wants to know besides the record form
   * @returns {string[]}
   */
  function checkInclude(include) {
    if (Array.isArray(include) && include.every((name) => EXTRAS.includes(name))) return include;
    throw badRequest(`"include" must be a list of ${EXTRAS.join(' and ')}.`);
  }

  /**
   * @param {string} type
   * @param {LagoRecordForm[]} forms
   * @param {string[]} include
   * @returns {LagoRecordForm[]}
   */
  function withExtras(type, forms, include) {
    const ids = forms.map(({ id }) => id);
    const taxed = include.includes('taxes') && ['invoice', 'creditmemo'].includes(type);
    const taxes = taxed ? queries.taxesOf(type, ids) : null;
    const applied = include.includes('applied_by') && type === 'invoice';
    const appliers = applied && access.canSee('application') ? queries.appliedTo(ids) : null;
    const placed = include.includes('address') && type === 'customer';
    const addresses = placed ? queries.addressesOf(ids) : null;
    return forms.map((form) => ({
      ...form,
      ...(placed ? { address: addresses && (addresses.get(form.id) ?? null) } : {}),
      ...(taxed ? { taxes: taxes && (taxes.get(form.id) ?? []) } : {}),
      ...(applied ? { applied_by: appliers && (appliers.get(form.id) ?? []) } : {}),
    }));
  }

  /** @param {LagoRequest} request */
  function find({ queries: asked, include = [] }) {
    if (!Array.isArray(asked) || asked.length > QUERIES_AT_MOST) {
      throw badRequest(`"queries" must be a list of at most ${QUERIES_AT_MOST}.`);
    }
    const names = asked.map(identity);
    const extras = checkInclude(include);
    /** @type {Map<string, LagoRecordForm[]>} */
    const found = new Map();
    for (const type of new Set(asked.map((one) => one.type))) {
      if (access.canSee(type)) found.set(type, withExtras(type, findAll(type, asked, names), extras));
    }
    const results = asked.map((one, index) => {
      const records = found.get(one.type)?.filter((form) => carries(form, names[index], one));
      if (!records) return { status: 'denied', records: [] };
      return { status: records.length > 0 ? 'found' : 'absent', records };
    });
    return { results };
  }

  /**
   * @param {string} type
   * @param {LagoRequest[]} asked
   * @param {string[]} names which identity each query names
   */
  function findAll(type, asked, names) {
    const values = (/** @type {string} */ name) => asked
      .filter((one, index) => one.type === type && names[index] === name).map((one) => String(one[name]));
    const forms = queries.find(type, {
      ids: values('id'), keys: values('key'), lagoIds: values('lago_id'), numbers: values('number'),
    });
    if (type !== 'customer') return pusher.withApplications(type, forms);
    const subsidiaries = queries.subsidiariesOf(forms.map(({ id }) => id));
    return forms.map((form) => ({ ...form, subsidiaries: subsidiaries.get(form.id) ?? [] }));
  }

  /**
   * @param {LagoRecordForm} form
   * @param {string} name
   * @param {LagoRequest} asked
   */
  function carries(form, name, asked) {
    return /** @type {{[name: string]: unknown}} */ (form)[name] === asked[name];
  }

  /** @param {LagoRequest} request */
  function list({ type, since, until, limit = ROWS_AT_MOST, cursor = null, include = [] }) {
    const extras = checkInclude(include);
    if (!access.types.includes(type) && type !== 'application' && type !== 'lago_object') throw badRequest(`"type" is ${JSON.stringify(type)}.`);
    if (!Number.isInteger(limit) || limit < 1 || limit > ROWS_AT_MOST) throw badRequest(`"limit" must be 1 to ${ROWS_AT_MOST}.`);
    if (cursor !== null && !/^\d+(:\d+)?$/.test(String(cursor))) throw badRequest('"cursor" is not one of ours.');
    const from = checkDate('since', since ?? FIRST_DAY);
    const to = checkDate('until', until ?? LAST_DAY);
    if (!access.canSee(type)) return { rows: [], cursor: null, status: 'denied' };
    const page = queries.list(type, { from, to, after: cursor, limit });
    const rows = !access.types.includes(type) ? page.rows : withExtras(type, /** @type {LagoRecordForm[]} */ (page.rows), extras);
    return { ...page, rows, status: 'ok' };
  }

  /** @param {LagoRequest} request */
  function revenue({ since, until, limit = REVENUE_ROWS_AT_MOST, cursor = null }) {
    if (!Number.isInteger(limit) || limit < 1 || limit > REVENUE_ROWS_AT_MOST) throw badRequest(`"limit" must be 1 to ${REVENUE_ROWS_AT_MOST}.`);
    if (cursor !== null && !/^\d+$/.test(String(cursor))) throw badRequest('"cursor" is not one of ours.');
    return revenues.list({ from: checkDate('since', since ?? FIRST_DAY), to: checkDate('until', until ?? LAST_DAY), after: cursor, limit });
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  function checkDate(name, value) {
    if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)) return value;
    throw badRequest(`"${name}" must be a date such as 2026-07-31.`);
  }

  /** @param {LagoRequest} request */
  function describe({ sections, cursor = null }) {
    if (!Array.isArray(sections) || sections.length === 0) throw badRequest('"sections" must be a list of names.');
    const unknown = sections.find((section) => !catalog.sections.includes(section));
    if (unknown !== undefined) throw badRequest(`There is no section ${JSON.stringify(unknown)}; known: ${catalog.sections.join(', ')}.`);
    if (cursor !== null && (sections.length > 1 || !/^\d+$/.test(String(cursor)))) {
      throw badRequest('"cursor" continues one section at a time.');
    }
    return { sections: Object.fromEntries(sections.map((section) => [section, catalog.describe(section, cursor)])) };
  }

  /**
   * @param {LagoRequest} request
   * @param {number} startedAt
   */
  function store({ objects: sent, deadline_seconds: deadline = DEADLINE_SECONDS }, startedAt) {
    if (!Array.isArray(sent) || sent.length > OBJECTS_AT_MOST) {
      throw badRequest(`"objects" must be a list of at most ${OBJECTS_AT_MOST}.`);
    }
    if (typeof deadline !== 'number' || !(deadline > 0)) throw badRequest('"deadline_seconds" must be above 0.');
    return { objects: objects.store(sent, startedAt + deadline * 1000) };
  }

  /** @param {LagoRequest} request */
  function probe({ step, documents, keys }) {
    if (step === 'make') return prober.make(documents);
    if (step === 'clean') return prober.clean(keys);
    throw badRequest('"step" must be "make" or "clean".');
  }

  /** @type {{[operation: string]: (request: LagoRequest, startedAt: number) => object}} */
  const OPERATIONS = { ping, inspect, push, find, list, describe, store, revenue, probe };

  /**
   * @param {unknown} body a text where the caller sent text/plain
   * @returns {LagoRequest}
   */
  function parse(body) {
    let request = body;
    try {
      if (typeof body === 'string') request = JSON.parse(body);
    } catch (notJson) {
      throw badRequest('The body is not JSON.');
    }
    if (typeof request !== 'object' || request === null || Array.isArray(request)) throw badRequest('The body must be a JSON object.');
    return request;
  }

  /** @param {LagoRequest} request */
  function checkOperation({ contract, operation }) {
    if (contract !== CONTRACT) {
      throw fail('LAGO_UNKNOWN_CONTRACT', `Contract ${JSON.stringify(contract)} is not spoken here; this script speaks ${CONTRACT}.`);
    }
    if (typeof operation === 'string' && Object.hasOwn(OPERATIONS, operation)) return OPERATIONS[operation];
    throw fail('LAGO_UNKNOWN_OPERATION',
      `There is no operation ${JSON.stringify(operation)}; known: ${Object.keys(OPERATIONS).join(', ')}.`);
  }

  /** @param {unknown} answer */
  function json(answer) {
    return restlet.createResponse({ content: JSON.stringify(answer), contentType: 'application/json' });
  }

  /** @param {unknown} body */
  function post(body) {
    const startedAt = Date.now();
    const request = parse(body);
    if (bare.isBare(request)) return json(bare.push(request, startedAt));
    const answer = checkOperation(request)(request, startedAt);
    return json({
      contract: CONTRACT, operation: request.operation, script_version: SCRIPT_VERSION, ...answer,
      remaining_units: runtime.getCurrentScript().getRemainingUsage(), elapsed_ms: Date.now() - startedAt,
    });
  }

  return { post };
}
