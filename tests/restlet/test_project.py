"""The SDF project: complete, well-formed, and agreeing with itself and the simulator."""

import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from lago_ns_cli.errors import ConfigError
from lago_ns_cli.netsuite.suitescript import export_project, restlet_source
from lago_ns_cli.simulator import world
from lago_ns_cli.simulator.netsuite.permissions import INTEGRATION

PROJECT = Path(str(files("lago_ns_cli.netsuite.suitescript")))
OBJECTS = sorted((PROJECT / "src" / "Objects").glob("*.xml"))
TYPECHECK = Path(__file__).parent / "typecheck" / "run.sh"
SCRIPTS = PROJECT / "src" / "FileCabinet" / "SuiteScripts" / "lago"

PREFIXES = {
    "restlet": "customscript_",
    "role": "customrole",
    "customrecordtype": "customrecord_",
    "entitycustomfield": "custentity_",
    "transactionbodycustomfield": "custbody_",
    "transactioncolumncustomfield": "custcol_",
}


def test_export_writes_a_project_that_can_be_deployed(tmp_path: Path) -> None:
    """Every file of the project, and nothing of Python."""
    written = export_project(tmp_path / "project")

    names = {path.relative_to(tmp_path / "project").as_posix() for path in written}
    assert {
        "README.md",
        "suitecloud.config.js",
        "src/manifest.xml",
        "src/deploy.xml",
        "src/FileCabinet/SuiteScripts/lago/lago_service.js",
        "src/FileCabinet/SuiteScripts/lago/archive/about.txt",
        "src/Objects/customscript_lago_service.xml",
    } <= names
    assert not any(name.endswith((".py", ".pyc")) for name in names)
    exported = (tmp_path / "project/src/FileCabinet/SuiteScripts/lago/lago_service.js").read_text("utf-8")
    assert restlet_source() == exported


def test_export_does_not_write_over_what_is_there(tmp_path: Path) -> None:
    """Unless it is told to."""
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(ConfigError, match="not empty"):
        export_project(tmp_path)
    with pytest.raises(ConfigError, match="is a file"):
        export_project(tmp_path / "mine.txt")
    assert export_project(tmp_path, force=True)
    assert "mine" == (tmp_path / "mine.txt").read_text()


@pytest.mark.parametrize("path", OBJECTS, ids=lambda path: path.stem)
def test_each_object_is_named_as_sdf_asks(path: Path) -> None:
    """The file is named after the script id, which has the prefix of its type and at most 40 characters."""
    root = ET.parse(path).getroot()
    script_id = root.attrib["scriptid"]

    assert path.stem == script_id
    assert script_id.startswith(PREFIXES[root.tag])
    assert re.fullmatch(r"[0-9a-z_]{1,40}", script_id)


def test_every_field_that_the_script_names_is_deployed() -> None:
    """A field that is missing from the project would be missing in the account."""
    named = set(
        re.findall(
            r"cust(?:body|col|entity)_[a-z_]+",
            "".join(path.read_text("utf-8") for path in SCRIPTS.glob("*.js")),
        )
    )

    assert named <= {path.stem for path in OBJECTS}


def test_the_deployed_script_is_the_one_the_simulator_runs() -> None:
    """Under the same ids, released, for our role only."""
    root = ET.parse(PROJECT / "src/Objects/customscript_lago_service.xml").getroot()
    deployment = root.find("scriptdeployments/scriptdeployment")

    assert deployment is not None
    assert (world.SCRIPT_ID, world.DEPLOYMENT_ID) == (root.attrib["scriptid"], deployment.attrib["scriptid"])
    assert ("RELEASED", "F", "[scriptid=customrole_lago_integration]") == (
        deployment.findtext("status"),
        deployment.findtext("allroles"),
        deployment.findtext("audslctrole"),
    )
    script_file = (root.findtext("scriptfile") or "").strip("[]")
    assert (PROJECT / "src" / "FileCabinet" / script_file.lstrip("/")).is_file()


def test_the_simulators_role_has_nothing_that_is_not_deployed() -> None:
    """What works in the simulator works under the role that a customer deploys."""
    root = ET.parse(PROJECT / "src/Objects/customrole_lago_integration.xml").getroot()
    deployed = {
        permission.findtext("permkey"): permission.findtext("permlevel")
        for permission in root.iterfind("permissions/permission")
    }

    assert dict(INTEGRATION.permissions).items() <= deployed.items()
    assert "FULL" not in {level for key, level in deployed.items() if key and key.startswith("TRAN_CUST")}


def test_every_module_declares_what_netsuite_reads() -> None:
    """The RESTlet its type, every module its version, every injected module of N/ its type."""
    for path in SCRIPTS.glob("*.js"):
        source = path.read_text("utf-8")
        assert "@NApiVersion 2.1" in source
        assert set(re.findall(r"'(N/[A-Za-z/]+)'[,\]\n]", source)) == set(
            re.findall(r"@param \{import\('(N/[A-Za-z/]+)'\)\} \w+", source)
        ), path.name
    assert "@NScriptType Restlet" in restlet_source()


def test_the_lock_file_names_no_registry() -> None:
    """Packages come from wherever npm is set up to look."""
    assert "http" not in (TYPECHECK.parent / "package-lock.json").read_text("utf-8")


def typecheck(folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run the type check, if npm is there and can install what it needs."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    command = [str(TYPECHECK), *([str(folder)] if folder else [])]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if result.returncode == 75:
        pytest.skip("npm cannot install the type checker here")
    return result


def test_the_restlet_passes_the_type_check() -> None:
    """Strict, against NetSuite's own modules."""
    result = typecheck()

    assert 0 == result.returncode, result.stdout + result.stderr


MISSPELLINGS = {
    "lago_editor.js": ("record.create(", "record.creat("),
    "lago_queries.js": ("query.runSuiteQL(", "query.runSuiteQl("),
    "lago_identity.js": ("record.submitFields(", "record.submitField("),
    "lago_service.js": ("restlet.createResponse(", "restlet.createReponse("),
}


def test_a_misspelt_call_fails_the_type_check(tmp_path: Path) -> None:
    """The check sees through the injected modules."""
    shutil.copytree(SCRIPTS, tmp_path / "lago")
    for module, (right, wrong) in MISSPELLINGS.items():
        source = (SCRIPTS / module).read_text("utf-8")
        assert right in source
        (tmp_path / "lago" / module).write_text(source.replace(right, wrong), "utf-8")
    result = typecheck(tmp_path / "lago")

    assert 0 != result.returncode
    for module, (_, wrong) in MISSPELLINGS.items():
        assert re.search(rf"{module}.*{wrong[:-1].partition('.')[2]}", result.stdout), result.stdout
