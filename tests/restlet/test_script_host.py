"""The host: what NetSuite does around a script."""

import json

import pytest

from lago_ns_cli.simulator.netsuite.script_host import ScriptAnswer, ScriptError, ScriptHost
from tests.restlet.service import INTEGRATION, Clock, Service


def run(
    service: Service, clock: Clock, source: str, *, body: str = "{}", text: bool = False, cost: int = 0
) -> ScriptAnswer:
    """Run a small RESTlet in the account."""
    host = ScriptHost(service.account, now=clock, script_source=source, cost_ms_per_record=cost)
    return Service(service.account, host).post(
        body, content_type="text/plain" if text else "application/json"
    )


def restlet(modules: str, body: str) -> str:
    """A RESTlet whose ``post`` has the given body; ``modules`` names N/ modules without their prefix."""
    names = [name for name in modules.split() if name]
    paths = ", ".join(f"'N/{name}'" for name in names)
    return f"define([{paths}], ({', '.join(names)}) => ({{ post: (request) => {{ {body} }} }}));"


def value_of(answer: ScriptAnswer) -> object:
    """What the script returned."""
    assert answer.error is None, answer.error
    assert answer.content is not None
    return json.loads(answer.content)


CUSTOMER = "record.create({type: 'customer', isDynamic: true})"
SAVE = f"(name) => {{ const c = {CUSTOMER}; c.setValue('companyname', name); c.setValue('subsidiary', 2); return c.save(); }}"


def test_a_script_that_spends_too_much_is_killed_and_cannot_catch_it(service: Service, clock: Clock) -> None:
    """What it saved before stays saved, and what it does afterwards does nothing."""
    source = restlet(
        "record",
        f"const save = {SAVE}; for (let i = 0; i < 400; i += 1) {{ try {{ save('K' + i); }} catch (e) {{}} }} return {{done: true}};",
    )
    answer = run(service, clock, source)

    assert answer.content is None
    assert answer.error is not None
    assert "SSS_USAGE_LIMIT_EXCEEDED" == answer.error.name
    # 5 to create and 10 to save: 333 customers fit into 5,000 units.
    assert (333, 333) == (
        answer.saves,
        sum(one["companyname"].startswith("K") for one in service.account.records("customer")),
    )
    assert answer.units_used <= 5000


def test_a_script_that_takes_too_long_is_killed(service: Service, clock: Clock) -> None:
    """300 seconds by the cost model."""
    source = restlet(
        "record", f"const save = {SAVE}; for (let i = 0; i < 5; i += 1) save('T' + i); return {{}};"
    )
    answer = run(service, clock, source, cost=100_000)

    assert answer.error is not None
    assert ("SSS_TIME_LIMIT_EXCEEDED", 4) == (answer.error.name, answer.saves)


@pytest.mark.parametrize(
    ("modules", "calls", "units"),
    [
        ("record", "record.create({type: 'invoice'})", 10),
        ("record", "record.create({type: 'customer'})", 5),
        ("record", "record.create({type: 'customrecord_lago_object'})", 2),
        ("record", "record.load({type: 'customer', id: 98765})", 5),
        ("record", "record.load({type: 'customer', id: 98765}).save()", 15),
        (
            "record",
            "record.submitFields({type: 'customer', id: 98765, values: {email: 'x@hooli.example'}})",
            5,
        ),
        ("query", "query.runSuiteQL({query: 'SELECT c.id FROM currency c'})", 10),
        (
            "query",
            "query.runSuiteQLPaged({query: 'SELECT c.id FROM currency c ORDER BY c.id', pageSize: 5}).fetch({index: 0})",
            10,
        ),
        ("search", "search.create({type: 'savedsearch'}).runPaged({pageSize: 50}).fetch({index: 0})", 10),
        ("runtime", "runtime.getCurrentUser().getPermission({name: 'LIST_CUSTJOB'})", 0),
        ("file", "file.load({id: 'SuiteScripts/lago/archive/about.txt'})", 10),
        ("file", "file.create({name: 'a.json', fileType: 'JSON', contents: '{}', folder: 5001}).save()", 20),
    ],
)
def test_each_call_costs_what_netsuite_charges(
    service: Service, clock: Clock, modules: str, calls: str, units: int
) -> None:
    """The published table of units."""
    used = modules if "runtime" in modules else f"{modules} runtime"
    answer = run(
        service,
        clock,
        restlet(used, f"{calls}; return {{left: runtime.getCurrentScript().getRemainingUsage()}};"),
    )

    assert ({"left": 5000 - units}, units) == (value_of(answer), answer.units_used)


def test_modules_live_for_one_call(service: Service, clock: Clock) -> None:
    """Nothing that a module keeps is seen by the next call."""
    source = "let count = 0; define([], () => ({ post: () => ({ count: (count += 1) }) }));"
    host = ScriptHost(service.account, now=clock, script_source=source)
    caller = Service(service.account, host)

    assert [{"count": 1}, {"count": 1}] == [value_of(caller.post({})), value_of(caller.post({}))]


def test_the_scripts_clock_runs_by_the_cost_of_saves(service: Service, clock: Clock) -> None:
    """Date.now() and new Date() agree, and advance with each save."""
    body = (
        f"const save = {SAVE}; const a = Date.now(); save('A'); save('B'); return {{passed: new Date() - a}};"
    )

    assert {"passed": 3000} == value_of(run(service, clock, restlet("record", body), cost=1500))


def test_an_exception_becomes_a_script_error(service: Service, clock: Clock) -> None:
    """With its code, its text, and where it happened."""
    answer = run(service, clock, restlet("error", "throw error.create({name: 'OURS', message: 'because'});"))

    assert answer.error is not None
    assert ("OURS", "because", "error.SuiteScriptError") == (
        answer.error.name,
        answer.error.message,
        answer.error.type,
    )
    assert any("post" in line for line in answer.error.stack)


def test_modules_are_unavailable_while_a_script_is_defined(service: Service, clock: Clock) -> None:
    """NetSuite refuses a call in the define callback itself."""
    source = "define(['N/runtime'], (runtime) => { runtime.isFeatureInEffect({feature: 'CRM'}); return {post: () => ({})}; });"

    with pytest.raises(ScriptError, match="unavailable while executing your define callback"):
        run(service, clock, source)


def test_a_programming_fault_is_reported_under_its_own_name(service: Service, clock: Clock) -> None:
    """As the engine names it."""
    answer = run(service, clock, restlet("record", "return record.creat({});"))

    assert answer.error is not None
    assert "TypeError" == answer.error.name


@pytest.mark.parametrize(
    ("returned", "text", "content"),
    [
        ("({a: 1})", False, '{"a":1}'),
        ("'plain'", True, "plain"),
        ("restlet.createResponse({content: '\"7\"', contentType: 'application/json'})", False, '"7"'),
    ],
)
def test_what_a_script_returns_goes_out_as_it_is(
    service: Service, clock: Clock, returned: str, text: bool, content: str
) -> None:
    """An object for JSON, a string for text, or a response of the script's own."""
    source = f"define(['N/scriptTypes/restlet'], (restlet) => ({{ post: () => {returned} }}));"

    assert content == run(service, clock, source, text=text).content


@pytest.mark.parametrize(("returned", "text"), [("'plain'", False), ("({a: 1})", True)])
def test_a_return_value_of_the_wrong_kind_is_refused(
    service: Service, clock: Clock, returned: str, text: bool
) -> None:
    """As NetSuite refuses it."""
    answer = run(service, clock, f"define([], () => ({{ post: () => {returned} }}));", text=text)

    assert answer.error is not None
    assert "INVALID_RETURN_DATA_FORMAT" == answer.error.name


def test_records_in_standard_mode_take_fields_in_any_order(service: Service, clock: Clock) -> None:
    """Sourcing waits for the save."""
    body = """
      const r = record.create({type: 'invoice', isDynamic: false});
      r.setSublistValue({sublistId: 'item', fieldId: 'item', line: 0, value: 481});
      r.setSublistValue({sublistId: 'item', fieldId: 'quantity', line: 0, value: 2});
      r.setSublistValue({sublistId: 'item', fieldId: 'rate', line: 0, value: 12.5});
      r.setValue({fieldId: 'trandate', value: new Date(2026, 7, 1)});
      r.setValue({fieldId: 'entity', value: 98765});
      const loaded = record.load({type: 'invoice', id: r.save()});
      return {subtotal: loaded.getValue('subtotal'), day: loaded.getValue('trandate').getDate(), lines: loaded.getLineCount({sublistId: 'item'})};
    """

    assert {"subtotal": 25, "day": 1, "lines": 1} == value_of(run(service, clock, restlet("record", body)))


def test_each_mode_refuses_the_calls_of_the_other(service: Service, clock: Clock) -> None:
    """selectNewLine is for dynamic records, setSublistValue for the others."""
    body = """
      const caught = (work) => { try { work(); return null; } catch (e) { return e.name; } };
      return [
        caught(() => record.create({type: 'invoice'}).selectNewLine({sublistId: 'item'})),
        caught(() => record.create({type: 'invoice', isDynamic: true}).setSublistValue({sublistId: 'item', fieldId: 'item', line: 0, value: 1})),
      ];
    """

    assert ["SSS_INVALID_API_USAGE"] * 2 == value_of(run(service, clock, restlet("record", body)))


def test_text_in_a_date_field_must_be_in_the_users_form(service: Service, clock: Clock) -> None:
    """Another spelling is refused, as NetSuite refuses it."""
    body = """
      const r = record.create({type: 'invoice', isDynamic: true});
      r.setValue({fieldId: 'trandate', value: '2026-08-01'});
      try { r.getValue('trandate'); return {}; } catch (e) { return {name: e.name}; }
    """

    assert {"name": "INVALID_DATE_FORMAT"} == value_of(run(service, clock, restlet("record", body)))


def test_a_push_of_ten_lines_takes_few_calls_into_python(service: Service) -> None:
    """A record crosses as a few texts, whatever its number of lines."""
    from tests.restlet.service import invoice, item_line

    calls = []
    execution_call = type(service.host._execution).call

    def counted(execution: object, operation: str, *given: object) -> str:
        calls.append(operation)
        return execution_call(execution, operation, *given)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(service.host._execution), "call", counted)
        lines = [item_line("10.00", taxdetailsreference=f"fee-{number}") for number in range(10)]
        outcome = service.push_one(invoice("1", *lines, total="100.00"))

    assert "created" == outcome["outcome"], outcome["error"]
    assert ["record.create", "record.fields", "record.read", "record.save"] == sorted(
        {call for call in calls if call.startswith("record.")}
    )
    assert len(calls) < 15


def test_what_was_read_before_an_edit_is_read_again_after_it(service: Service, clock: Clock) -> None:
    """A column that a script has seen follows the lines that it adds, and so does the body."""
    body = """
      const r = record.create({type: 'invoice', isDynamic: true});
      const seen = [];
      const see = () => seen.push([r.getLineCount({sublistId: 'item'}), r.getValue('memo'),
        ...Array.from({length: r.getLineCount({sublistId: 'item'})},
          (_, line) => r.getSublistValue({sublistId: 'item', fieldId: 'amount', line}))]);
      see();
      for (const amount of [5, 7.5]) {
        r.setValue('memo', `with ${amount}`);
        r.selectNewLine({sublistId: 'item'});
        r.setCurrentSublistValue({sublistId: 'item', fieldId: 'amount', value: amount});
        r.commitLine({sublistId: 'item'});
        see();
      }
      return seen;
    """

    assert [[0, ""], [1, "with 5", 5], [2, "with 7.5", 5, 7.5]] == value_of(
        run(service, clock, restlet("record", body))
    )


SIGNS = pytest.mark.parametrize(
    "contents",
    ["plain", 'quoted " \\ 😀 \n', "a\0b", "a\x1fb", "\x1f\0😀"],
    ids=["plain", "signs", "NUL", "separator", "all"],
)
"""The last three cannot cross beside JSON."""


@SIGNS
def test_a_file_keeps_every_sign(service: Service, clock: Clock, contents: str) -> None:
    """A text is the same after it crossed twice."""
    body = """
      const {folder} = file.load({id: 'SuiteScripts/lago/archive/about.txt'});
      const id = file.create({name: 'x.json', fileType: 'JSON', contents: request.contents, folder}).save();
      return {same: file.load({id}).getContents() === request.contents};
    """
    answer = run(service, clock, restlet("file", body), body=json.dumps({"contents": contents}))

    assert {"same": True} == value_of(answer)


@SIGNS
def test_a_field_keeps_every_sign(service: Service, clock: Clock, contents: str) -> None:
    """On the body and on a line, and what is set beside it arrives too, once."""
    body = """
      const r = record.create({type: 'invoice', isDynamic: true});
      r.setValue('memo', request.contents);
      r.selectNewLine({sublistId: 'item'});
      r.setCurrentSublistValue({sublistId: 'item', fieldId: 'description', value: request.contents});
      r.setCurrentSublistValue({sublistId: 'item', fieldId: 'quantity', value: 2});
      r.commitLine({sublistId: 'item'});
      const cell = (fieldId) => r.getSublistValue({sublistId: 'item', fieldId, line: 0});
      return [r.getValue('memo'), cell('description'), cell('quantity'), r.getLineCount({sublistId: 'item'})];
    """
    answer = run(service, clock, restlet("record", body), body=json.dumps({"contents": contents}))

    assert [contents, contents, 2, 1] == value_of(answer)


def test_half_a_surrogate_pair_crosses_as_json(service: Service, clock: Clock) -> None:
    """It has no UTF-8 form, so it cannot cross beside JSON."""
    body = """
      const r = record.create({type: 'invoice', isDynamic: true});
      r.setValue('memo', 'a\\ud800b');
      return {same: r.getValue('memo') === 'a\\ud800b'};
    """

    assert {"same": True} == value_of(run(service, clock, restlet("record", body)))


def test_roles_are_the_accounts(service: Service) -> None:
    """The role of the call, not of the host, decides."""
    assert "1001" == INTEGRATION == service.call("ping")["role"]["id"]
