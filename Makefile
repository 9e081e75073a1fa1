# make repro      set up .venv and rebuild everything that is out of date
# make test       set up .venv and run the tests
# make lint       linters and types
# make docs       renew the figures in the READMEs and docs/ from metrics/
# make compare    WITH=main: which differences from another revision are more than noise
# make contract   SOURCE=folder NEXT=folder: draft contract.yaml for unknown files (docs/your-files.md)
# make outcome    SOURCE=folder: when it has come, compare it with what was expected (docs/next-month.md)
# make experiment NAME=interpretable: run a ready experiment of experiments/, and compare
# make adopt      let the next plan take in what the campaign taught (campaign/README.md)
# make lock       renew requirements.txt and requirements-dev.txt

PYTHON ?= python3
VENV ?= .venv
BIN := $(abspath $(VENV))/bin

.PHONY: repro test lint docs lock compare contract experiment outcome adopt
.DELETE_ON_ERROR:

repro: $(VENV)/run.txt
	@test -e .git || grep -qs no_scm .dvc/config.local || \
	{ echo "This folder is no clone (a ZIP has no git): get one by git clone, or run $(BIN)/dvc config --local core.no_scm true and do without experiments." >&2; exit 1; }
	@"$(BIN)/python" -m tools.mend_lock
	PATH="$(BIN):$$PATH" dvc repro

test: $(VENV)/dev.txt
	PATH="$(BIN):$$PATH" pytest

lint: $(VENV)/dev.txt
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/mypy"

docs: $(VENV)/run.txt
	"$(BIN)/python" -m tools.docs

compare: $(VENV)/run.txt
	@"$(BIN)/python" -m tools.compare "$(or $(WITH),main)"

contract: $(VENV)/run.txt
	@"$(BIN)/python" -m tools.contract "$(or $(SOURCE),data/raw)" --next "$(or $(NEXT),$(SOURCE),data/raw)" --outcome "$(OUTCOME)" --id "$(ID)"

outcome: $(VENV)/run.txt
	@"$(BIN)/python" -m tools.outcome "$(or $(SOURCE),data/demo_next)"

experiment: $(VENV)/run.txt
	@"$(BIN)/python" -m tools.experiment "$(or $(NAME),--list)"

adopt:
	cp campaign/learned.yaml offers/learned.yaml

lock: $(VENV)/dev.txt
	"$(BIN)/uv" pip compile --quiet --universal --python-version 3.11 --no-header requirements.in -o requirements.txt
	"$(BIN)/uv" pip compile --quiet --universal --python-version 3.11 --no-header requirements-dev.in -c requirements.txt -o requirements-dev.txt

# The copies of the locks tell what is installed: another lock installs anew.
$(VENV)/run.txt: requirements.txt | $(BIN)/python
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check -r requirements.txt
	cp requirements.txt $@

$(VENV)/dev.txt: requirements-dev.txt | $(BIN)/python
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	cp requirements-dev.txt $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, $(PYTHON) is " + sys.version.split()[0] + ": run make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
