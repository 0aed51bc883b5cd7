"""Each house rule finds what it is there to find: broken here on purpose, once per rule."""

import pytest

from tests.architecture import rules
from tests.architecture.rules import ROOT


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param("platform/kernel/ids.py", "import commerce", id="the kernel looks up"),
        pytest.param("platform/web/x.py", "from tenants import members", id="web looks up"),
        pytest.param("workflow_engine/x.py", "import commerce.orders", id="siblings meet"),
        pytest.param("api/orders.py", "from builder_ui import pages", id="shells meet"),
        pytest.param("tenants/x.py", "import wareflow", id="the front door is imported"),
        pytest.param("tenants/x.py", "from tests import builders", id="a room needs a test"),
        pytest.param("migrations/versions/0001_x.py", "import kernel.db", id="history moves"),
        pytest.param("api/x.py", "from .orders import y", id="a room goes unnamed"),
        pytest.param(
            "platform/commerce/catalog/x.py",
            "from commerce.orders import service",
            id="a department looks up",
        ),
        pytest.param(
            "platform/commerce/orders/x.py",
            "from commerce import procurement",
            id="departments side by side meet",
        ),
        pytest.param("platform/commerce/ids.py", "import commerce.orders", id="the top looks in"),
    ],
)
def test_an_import_that_looks_up_is_found(path: str, line: str) -> None:
    assert len(rules.faults_of_imports(f"def f():\n    {line}\n", ROOT / path)) == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("platform/kernel/uow.py", "from kernel.ids import new_id"),
        ("platform/commerce/orders/service.py", "from commerce.inventory import service"),
        ("platform/commerce/orders/service.py", "from commerce.ids import OrderId"),
        ("platform/commerce/intelligence/x.py", "from commerce.finance import journal"),
        ("api/orders.py", "from tenants import members"),
        ("wareflow.py", "import api, builder_ui"),
    ],
)
def test_an_import_that_looks_down_is_fine(path: str, line: str) -> None:
    assert rules.faults_of_imports(line, ROOT / path) == []


def test_a_function_and_a_file_past_the_stop_are_found() -> None:
    path = ROOT / "api" / "x.py"
    function = "def f():\n" + "    x = 1\n" * 50

    assert rules.faults_of_size(function, path) == [f"{path}:1 f has 51 lines"]
    assert rules.faults_of_size("x = 1\n" * 401, path) == [f"{path} has 401 lines"]
    assert rules.faults_of_size("x = 1\n" * 400, path) == []


@pytest.mark.parametrize(
    "asking", ["datetime.now(UTC)", "datetime.datetime.utcnow()", "date.today()", "time.time()"]
)
def test_a_question_for_the_time_is_found(asking: str) -> None:
    assert len(rules.faults_of_clock(f"x = {asking}", ROOT / "api" / "x.py")) == 1


def test_measuring_a_duration_is_no_question_for_the_time() -> None:
    assert rules.faults_of_clock("x = time.monotonic(); clock.now()", ROOT / "api" / "x.py") == []


@pytest.mark.parametrize("ending", ["session.commit()", "uow.session.rollback()"])
def test_a_commit_by_hand_is_found(ending: str) -> None:
    assert len(rules.faults_of_commit(ending, ROOT / "api" / "x.py")) == 1


@pytest.mark.parametrize("name", ["utils.py", "helpers.py", "base.py", "stock_utils.py"])
def test_a_name_that_says_nothing_is_found(name: str) -> None:
    assert len(rules.faults_of_name(ROOT / "api" / name)) == 1
    assert rules.faults_of_name(ROOT / "api" / "database.py") == []


@pytest.mark.parametrize("source", ["x = 1\n", '"""no sentence"""\n'])
def test_a_module_without_a_sentence_is_found(source: str) -> None:
    assert len(rules.faults_of_docstring(source, ROOT / "api" / "x.py")) == 1
