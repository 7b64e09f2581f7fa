// The N/ modules that a script is given, and the loader that runs it.
//
// A record keeps what a script writes in a list of edits. It crosses to Python when the script reads something
// that the edits may have changed, or saves: a few JSON texts a record, whatever its number of lines. What it
// reads comes a column at a time, since a script that asks for a column of one line asks for that of the others.
(function (call, now) {
  'use strict';

  const SEPARATOR = '\u001f';
  const NUMBERS = new Set(['currency', 'float', 'integer', 'percent', 'currency2', 'posfloat']);

  class SuiteScriptError extends Error {
    constructor({ name, message, id = '', cause = null, notifyOff = false }) {
      super(message);
      this.type = 'error.SuiteScriptError';
      this.name = String(name);
      this.id = id;
      this.cause = cause;
      this.notifyOff = notifyOff;
    }

    toJSON() {
      const { type, name, message, id, stack, notifyOff } = this;
      return { type, name, message, id, stack, notifyOff };
    }

    toString() {
      return JSON.stringify(this);
    }
  }

  // Python answers {value} or {error: {name, message}}; after the script is killed it answers nothing else.
  function ask(operation, argument = null) {
    requireExecution();
    return valueOf(JSON.parse(call(operation, JSON.stringify(argument))));
  }

  // Asks with texts besides: joined they cross ten times as fast as in JSON. Where they arrive otherwise than they
  // left (a text holds the separator, or a NUL, at which C ends), Python says so, does nothing, and gets them as JSON.
  function askWith(operation, argument, texts) {
    requireExecution();
    const joined = texts.join(SEPARATOR);
    if (joined.isWellFormed()) {
      const answer = JSON.parse(call(operation, JSON.stringify(argument), joined, texts.length, joined.length));
      if (!answer.torn) return valueOf(answer);
    }
    return ask(operation, { ...argument, texts });
  }

  function valueOf(answer) {
    if (answer.error) throw new SuiteScriptError(answer.error);
    return answer.value;
  }

  // NetSuite refuses calls of its modules while a script's own modules are being defined.
  function requireExecution() {
    if (!defining) return;
    throw new SuiteScriptError({
      name: 'SUITESCRIPT_API_UNAVAILABLE_IN_DEFINE',
      message: 'All SuiteScript API Modules are unavailable while executing your define callback.',
    });
  }

  // Up to three names; called for each value that a script sets, so it makes no list of them.
  function required(options, first, second, third) {
    if (defining) requireExecution();
    const given = options ?? {};
    if (given[first] === undefined || given[first] === '') throw missing(first);
    if (second !== undefined && (given[second] === undefined || given[second] === '')) throw missing(second);
    if (third !== undefined && (given[third] === undefined || given[third] === '')) throw missing(third);
    return options;
  }

  function missing(name) {
    return new SuiteScriptError({ name: 'SSS_MISSING_REQD_ARGUMENT', message: `Missing a required argument: ${name}` });
  }

  // The host's clock with the cost of this call's saves; otherwise an ordinary local date.
  class ScriptDate extends Date {
    constructor(...parts) {
      if (parts.length === 0) super(now());
      else super(...parts);
    }

    static now() {
      return now();
    }
  }

  const two = (number) => String(number).padStart(2, '0');

  // A value on its way to Python: a letter for what it is, then its text; an empty one has neither.
  function outward(value) {
    if (typeof value === 'string') return value === '' ? '' : `t${value}`;
    if (typeof value === 'number') return `n${value}`;
    if (value === undefined || value === null) return '';
    if (typeof value === 'boolean') return value ? 'bT' : 'bF';
    if (value instanceof Date) {
      return `d${String(value.getFullYear()).padStart(4, '0')}-${two(value.getMonth() + 1)}-${two(value.getDate())}`;
    }
    return `t${value}`;
  }

  function inward(value, type) {
    if (type === 'checkbox') return value === true || value === 'T';
    if (value === null || value === undefined) return '';
    if (type === 'date' && /^\d{4}-\d{2}-\d{2}$/.test(value)) {
      const [year, month, day] = value.split('-').map(Number);
      return new ScriptDate(year, month - 1, day);
    }
    return NUMBERS.has(type) ? Number(value) : value;
  }

  const fieldTables = new Map();

  // The fields of a record type, asked for once an execution.
  function fieldsOf(type) {
    if (!fieldTables.has(type)) {
      const table = { body: new Map(), sublists: new Map() };
      for (const field of ask('record.fields', { type })) {
        if (field.sublist === null) table.body.set(field.id, field);
        else {
          if (!table.sublists.has(field.sublist)) table.sublists.set(field.sublist, new Map());
          table.sublists.get(field.sublist).set(field.id, field);
        }
      }
      fieldTables.set(type, table);
    }
    return fieldTables.get(type);
  }

  function typeOf(table, fieldId) {
    return (table && table.get(fieldId) || { type: 'text' }).type;
  }

  function describeField(field) {
    return field ? {
      id: field.id, label: field.label, type: field.type, isMandatory: field.mandatory, isDisabled: false, isDisplay: true,
      isVisible: true, isReadOnly: field.readOnly, isPopup: false, sublistId: field.sublist,
    } : null;
  }

  class Subrecord {
    constructor(values, table) {
      this.values = values;
      this.table = table;
    }

    setValue(options, value) {
      const { fieldId, value: given } = typeof options === 'string' ? { fieldId: options, value } : required(options, 'fieldId');
      this.values[fieldId] = outward(given);
      return this;
    }

    getValue(options) {
      const fieldId = typeof options === 'string' ? options : required(options, 'fieldId').fieldId;
      return inward(plain(this.values[fieldId]), typeOf(this.table, fieldId));
    }
  }

  // What `outward` wrote, as a value that was read.
  function plain(value) {
    if (value === undefined || value === '') return null;
    return value[0] === 'b' ? value === 'bT' : value.slice(1);
  }

  class NsRecord {
    #draft;
    #edits = [];
    #current = new Map();
    #body = null;
    #columns = new Map();

    constructor({ draft, type, id, isDynamic }) {
      this.#draft = draft;
      this.type = type;
      this.id = id === null ? null : Number(id);
      this.isDynamic = isDynamic;
      this.isNew = id === null;
      this.isReadOnly = false;
    }

    #fields() {
      return fieldsOf(this.type);
    }

    // The edits so far, which Python has after this call; what was read before them counts no more.
    #handedOver() {
      const edits = this.#edits;
      if (edits.length > 0) {
        this.#edits = [];
        this.#body = null;
        this.#columns.clear();
      }
      return edits;
    }

    #read(sublist, field) {
      return askWith('record.read', { draft: this.#draft, sublist, field }, this.#handedOver());
    }

    // The body as it is after all edits.
    #nowBody() {
      if (this.#edits.length > 0 || this.#body === null) this.#body = this.#read(null, null);
      return this.#body;
    }

    // The values of a field on all lines as they are after all edits.
    #column(sublistId, fieldId) {
      const name = `${sublistId} ${fieldId}`;
      if (this.#edits.length > 0 || !this.#columns.has(name)) this.#columns.set(name, this.#read(sublistId, fieldId));
      return this.#columns.get(name);
    }

    #cell(sublistId, fieldId, line) {
      const column = this.#column(sublistId, fieldId);
      if (line < 0 || line >= column.length) {
        throw new SuiteScriptError({ name: 'SSS_INVALID_SUBLIST_OPERATION', message: `Line ${line} of ${sublistId} does not exist.` });
      }
      return column[line];
    }

    #requireMode(dynamic, method) {
      if (this.isDynamic === dynamic) return;
      const mode = dynamic ? 'dynamic' : 'standard';
      throw new SuiteScriptError({ name: 'SSS_INVALID_API_USAGE', message: `${method} is for records in ${mode} mode.` });
    }

    setValue(options, value) {
      const { fieldId, value: given } = typeof options === 'string' ? { fieldId: options, value } : required(options, 'fieldId');
      this.#edits.push('body', fieldId, outward(given));
      return this;
    }

    getValue(options) {
      const fieldId = typeof options === 'string' ? options : required(options, 'fieldId').fieldId;
      return inward(this.#nowBody()[fieldId], typeOf(this.#fields().body, fieldId));
    }

    getLineCount(options) {
      return this.#column(required(options, 'sublistId').sublistId, '').length;
    }

    getSublistValue(options) {
      const { sublistId, fieldId, line } = required(options, 'sublistId', 'fieldId', 'line');
      return inward(this.#cell(sublistId, fieldId, line), typeOf(this.#fields().sublists.get(sublistId), fieldId));
    }

    findSublistLineWithValue(options) {
      const { sublistId, fieldId, value } = required(options, 'sublistId', 'fieldId', 'value');
      const wanted = String(value);
      return this.#column(sublistId, fieldId).findIndex((cell) => cell !== null && String(cell) === wanted);
    }

    insertLine(options) {
      this.#requireMode(false, 'insertLine');
      const { sublistId, line } = required(options, 'sublistId', 'line');
      this.#edits.push('insert', sublistId, String(line));
      return this;
    }

    setSublistValue(options) {
      this.#requireMode(false, 'setSublistValue');
      const { sublistId, fieldId, line, value } = required(options, 'sublistId', 'fieldId', 'line');
      this.#edits.push('cell', sublistId, String(line), fieldId, outward(value));
      return this;
    }

    removeLine(options) {
      const { sublistId, line } = required(options, 'sublistId', 'line');
      this.#cell(sublistId, '', line);
      this.#edits.push('remove', sublistId, String(line));
      return this;
    }

    selectNewLine(options) {
      this.#requireMode(true, 'selectNewLine');
      this.#current.set(required(options, 'sublistId').sublistId, { line: null, values: [], subrecords: null });
      return this;
    }

    selectLine(options) {
      this.#requireMode(true, 'selectLine');
      const { sublistId, line } = required(options, 'sublistId', 'line');
      this.#cell(sublistId, '', line);
      this.#current.set(sublistId, { line, values: [], subrecords: null });
      return this;
    }

    #selected(sublistId) {
      const selected = this.#current.get(sublistId);
      if (selected === undefined) {
        throw new SuiteScriptError({ name: 'SSS_INVALID_SUBLIST_OPERATION', message: `No line of ${sublistId} is selected.` });
      }
      return selected;
    }

    setCurrentSublistValue(options) {
      // What scripts do most, so the check of what is missing is made only where something may be.
      const { sublistId, fieldId, value } = options?.sublistId && options.fieldId ? options : required(options, 'sublistId', 'fieldId');
      const selected = this.#current.get(sublistId) ?? this.#selected(sublistId);
      selected.values.push(fieldId, outward(value));
      return this;
    }

    getCurrentSublistValue(options) {
      const { sublistId, fieldId } = required(options, 'sublistId', 'fieldId');
      const { line, values } = this.#selected(sublistId);
      const type = typeOf(this.#fields().sublists.get(sublistId), fieldId);
      for (let at = values.length - 2; at >= 0; at -= 2) {
        if (values[at] === fieldId) return inward(plain(values[at + 1]), type);
      }
      return inward(line === null ? null : this.#cell(sublistId, fieldId, line), type);
    }

    getCurrentSublistSubrecord(options) {
      const { sublistId, fieldId } = required(options, 'sublistId', 'fieldId');
      const selected = this.#selected(sublistId);
      selected.subrecords ??= {};
      selected.subrecords[fieldId] ??= {};
      return new Subrecord(selected.subrecords[fieldId], null);
    }

    commitLine(options) {
      const { sublistId } = required(options, 'sublistId');
      const { line, values, subrecords } = this.#selected(sublistId);
      this.#current.delete(sublistId);
      const written = subrecords === null ? '' : JSON.stringify(subrecords);
      this.#edits.push('line', sublistId, line === null ? '' : String(line), written, String(values.length));
      this.#edits.push.apply(this.#edits, values);
      return this;
    }

    cancelLine(options) {
      this.#current.delete(required(options, 'sublistId').sublistId);
      return this;
    }

    getFields() {
      return [...this.#fields().body.keys()];
    }

    getSublists() {
      return [...this.#fields().sublists.keys()];
    }

    getSublistFields(options) {
      return [...(this.#fields().sublists.get(required(options, 'sublistId').sublistId) || new Map()).keys()];
    }

    getField(options) {
      return describeField(this.#fields().body.get(required(options, 'fieldId').fieldId));
    }

    getSublist(options) {
      const { sublistId } = required(options, 'sublistId');
      const table = this.#fields().sublists.get(sublistId);
      return table ? { id: sublistId, name: sublistId, getColumn: ({ fieldId }) => describeField(table.get(fieldId)) } : null;
    }

    getSublistField(options) {
      const { sublistId, fieldId } = required(options, 'sublistId', 'fieldId', 'line');
      return describeField((this.#fields().sublists.get(sublistId) || new Map()).get(fieldId));
    }

    save(options) {
      const { ignoreMandatoryFields = false } = options || {};
      return Number(askWith('record.save', { draft: this.#draft, ignoreMandatoryFields }, this.#handedOver()));
    }

    toJSON() {
      const { body, sublists } = askWith('record.state', { draft: this.#draft }, this.#handedOver());
      return { id: this.id, type: this.type, isDynamic: this.isDynamic, fields: body, sublists };
    }
  }

  const record = {
    create(options) {
      const { type, isDynamic = false, defaultValues = {} } = required(options, 'type');
      return new NsRecord(ask('record.create', { type, isDynamic, defaultValues }));
    },
    load(options) {
      const { type, id, isDynamic = false } = required(options, 'type', 'id');
      return new NsRecord(ask('record.load', { type, id: String(id), isDynamic }));
    },
    submitFields(options) {
      const { type, id, values } = required(options, 'type', 'id', 'values');
      const sent = Object.fromEntries(Object.entries(values).map(([field, value]) => [field, outward(value)]));
      return Number(ask('record.submitFields', { type, id: String(id), values: sent }));
    },
    delete(options) {
      const { type, id } = required(options, 'type', 'id');
      return Number(ask('record.delete', { type, id: String(id) }));
    },
    Type: { CUSTOMER: 'customer', INVOICE: 'invoice', CREDIT_MEMO: 'creditmemo', CUSTOMER_PAYMENT: 'customerpayment' },
  };

  function resultSet({ columns, rows }) {
    const mapped = () => rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])));
    return {
      asMappedResults: mapped,
      results: rows.map((values) => ({ values, asMap: () => Object.fromEntries(columns.map((column, index) => [column, values[index]])) })),
    };
  }

  const query = {
    runSuiteQL(options) {
      const { query: sql, params = [] } = typeof options === 'string' ? { query: options } : required(options, 'query');
      return resultSet(ask('query.run', { sql, params }));
    },
    runSuiteQLPaged(options) {
      const { query: sql, params = [], pageSize = 50 } = required(options, 'query');
      const { count } = ask('query.count', { sql, params, pageSize });
      const pages = Math.ceil(count / pageSize);
      return {
        count, pageSize, pageRanges: Array.from({ length: pages }, (_, index) => ({ index, size: Math.min(pageSize, count - index * pageSize) })),
        fetch: (page) => {
          const index = typeof page === 'number' ? page : page.index;
          return { data: resultSet(ask('query.page', { sql, params, pageSize, index })) };
        },
      };
    },
  };

  const search = {
    Type: { SAVED_SEARCH: 'SavedSearch' },
    Sort: { ASC: 'ASC', DESC: 'DESC', NONE: 'NONE' },
    createColumn: (options) => required(options, 'name'),
    create(options) {
      const { type, columns = [] } = required(options, 'type');
      const names = columns.map((column) => (typeof column === 'string' ? column : column.name));
      return {
        runPaged({ pageSize = 50 } = {}) {
          const count = ask('search.count', { type });
          return {
            count, pageSize, pageRanges: Array.from({ length: Math.ceil(count / pageSize) }, (_, index) => ({ index })),
            fetch: ({ index }) => ({
              data: ask('search.page', { type, pageSize, index }).map((row) => ({
                id: row.internalid, recordType: type,
                getValue: (column) => (names.includes(column.name || column) ? row[column.name || column] : null),
              })),
            }),
          };
        },
      };
    },
  };

  const runtime = {
    Permission: { NONE: 0, VIEW: 1, CREATE: 2, EDIT: 3, FULL: 4 },
    EnvType: { PRODUCTION: 'PRODUCTION', SANDBOX: 'SANDBOX', BETA: 'BETA', INTERNAL: 'INTERNAL' },
    ContextType: { RESTLET: 'RESTLET' },
    executionContext: 'RESTLET',
    version: '2026.2',
    get accountId() { return session.account; },
    get envType() { return session.environment; },
    isFeatureInEffect: (options) => session.features[required(options, 'feature').feature] === true,
    getCurrentScript: () => ({
      id: session.script, deploymentId: session.deployment, logLevel: 'DEBUG',
      getRemainingUsage: () => ask('runtime.remaining'),
      getParameter: () => null,
    }),
    getCurrentUser: () => ({
      id: session.user, role: session.role, roleId: session.roleScriptId, name: 'Lago Integration', email: '', subsidiary: 1,
      department: 0, location: 0, contact: 0, roleCenter: 'CLASSIC',
      getPermission: (options) => (session.allPermissions ? 4 : runtime.Permission[session.permissions[required(options, 'name').name]] || 0),
      getPreference: (options) => (required(options, 'name').name.toUpperCase() === 'TIMEZONE' ? session.timeZone : ''),
    }),
  };

  const error = { create: (options) => new SuiteScriptError(required(options, 'name', 'message')) };

  const file = {
    Type: { JSON: 'JSON', PLAINTEXT: 'PLAINTEXT', CSV: 'CSV' },
    create(options) {
      const { name, contents = '', folder } = required(options, 'name', 'fileType');
      return { name, folder, getContents: () => contents, save: () => Number(askWith('file.save', { name, folder: folder === undefined ? null : String(folder) }, [contents])) };
    },
    load(options) {
      const id = typeof options === 'object' ? required(options, 'id').id : options;
      const { contents, ...facts } = ask('file.load', { id: String(id) });
      return { ...facts, getContents: () => contents };
    },
  };

  function logger(level) {
    return (title, details) => {
      const entry = typeof title === 'object' ? title : { title, details };
      ask('log', { level, title: String(entry.title), details: typeof entry.details === 'string' ? entry.details : JSON.stringify(entry.details) ?? '' });
    };
  }

  const log = Object.fromEntries(['debug', 'audit', 'error', 'emergency'].map((level) => [level, logger(level)]));

  class Response {
    constructor({ content, contentType }) {
      this.content = content;
      this.contentType = contentType;
    }
  }

  const restlet = { createResponse: (options) => new Response(required(options, 'content', 'contentType')) };

  const MODULES = {
    'N/record': record, 'N/query': query, 'N/search': search, 'N/runtime': runtime, 'N/error': error, 'N/file': file,
    'N/log': log, 'N/scriptTypes/restlet': restlet,
  };

  const compiled = new Map();
  let session = {};
  let defining = false;

  function evaluated(entry) {
    defining = true;
    try {
      return loader()(entry);
    } finally {
      defining = false;
    }
  }

  // Each execution evaluates the modules anew: what they keep lives as long as one call.
  function loader() {
    const loaded = new Map();
    function load(name) {
      if (name.startsWith('N/')) {
        if (MODULES[name]) return MODULES[name];
        throw new SuiteScriptError({ name: 'MODULE_DOES_NOT_EXIST', message: `Module does not exist: ${name}` });
      }
      const key = name.replace(/^\.\//, '').replace(/\.js$/, '');
      if (!loaded.has(key)) loaded.set(key, evaluate(key));
      return loaded.get(key);
    }
    function evaluate(key) {
      if (!compiled.has(key)) throw new SuiteScriptError({ name: 'MODULE_DOES_NOT_EXIST', message: `Module does not exist: ${key}` });
      let exported;
      compiled.get(key)((...parts) => {
        const factory = parts.pop();
        const needed = (parts.pop() || []).map(load);
        exported = typeof factory === 'function' ? factory(...needed) : factory;
      }, log, ScriptDate);
      return exported;
    }
    return load;
  }

  function failure(thrown) {
    const known = thrown instanceof Error;
    return {
      type: thrown instanceof SuiteScriptError ? thrown.type : 'error.SuiteScriptError',
      name: String(known ? thrown.name : 'UNEXPECTED_ERROR'), message: String(known ? thrown.message : thrown),
      stack: String(known ? thrown.stack || '' : '').split('\n').map((line) => line.trim()).filter(Boolean),
    };
  }

  function returned(result, isText) {
    if (result instanceof Response) return { content: result.content, contentType: result.contentType };
    if (isText ? typeof result === 'string' : typeof result === 'object' && result !== null) {
      return { content: isText ? result : JSON.stringify(result), contentType: null };
    }
    if (result === undefined || result === null) return { content: '', contentType: null };
    throw new SuiteScriptError({
      name: 'INVALID_RETURN_DATA_FORMAT', message: `Invalid data format. You should return ${isText ? 'a String' : 'a JavaScript object'}.`,
    });
  }

  return {
    compile: (key, wrapped) => compiled.set(key, (0, eval)(wrapped)),
    methods: (entry) => JSON.stringify(Object.keys(evaluated(entry))),
    run(entry, method, body, isText, described) {
      session = JSON.parse(described);
      fieldTables.clear();
      try {
        const script = evaluated(entry);
        return JSON.stringify({ answer: returned(script[method](isText ? body : JSON.parse(body)), isText) });
      } catch (thrown) {
        return JSON.stringify({ failure: failure(thrown) });
      }
    },
  };
})
