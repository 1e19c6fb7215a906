# The commands of this project; each works from a bare clone with Python 3.11 or newer and make.
#   make run      the site with everything it needs, until Ctrl-C   (PORT, DATABASE_URL, REGULARS_DATA)
#   make setup    the environment for work on the project            make test    all tests
#   make check    format, lint, types, layers, migrations, security  make bench   benchmarks (ORDERS=10000000)
#   make stop     the embedded database, if commands left it running make pins    compile requirements/*.txt anew

# The interpreter to make the environment with: the first of these that is new enough, unless one is named.
PYTHON ?=
CANDIDATES := python3 python3.13 python3.12 python3.11 python3.14 python
VENV := .venv
BIN := $(VENV)/bin
# Only pinned files with the hashes they had; --no-deps, because the pins are complete already; --no-compile,
# because Python compiles what is imported, and most is not.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --quiet --require-hashes --no-deps --no-compile

.PHONY: run setup test check bench screenshots pins stop runtime environment

run: runtime
	@exec $(BIN)/python -m loyalty_site.run

# A copy of the pins lies in the environment when they are installed: compared by content, so that neither a
# checkout's dates nor a stopped installation mislead. The development pins hold all those of the product.
runtime: environment
	@cmp -s requirements/base.txt $(VENV)/base.txt || { echo "Installing what the site needs ..." && \
		$(PIP) -r requirements/base.txt && cp requirements/base.txt $(VENV)/base.txt; }

setup: environment
	@cmp -s requirements/dev.txt $(VENV)/dev.txt || { echo "Installing what work on the site needs ..." && \
		$(PIP) -r requirements/dev.txt && cp requirements/dev.txt $(VENV)/dev.txt && \
		cp requirements/base.txt $(VENV)/base.txt; }

environment:
	@$(BIN)/python -c '' 2>/dev/null || { \
		for name in $(or $(PYTHON),$(CANDIDATES)); do \
			$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && exec $$name -m venv --clear $(VENV); \
		done; \
		echo "Python 3.11 or newer is needed and isn't among $(or $(PYTHON),$(CANDIDATES)); name one: make PYTHON=..."; \
		exit 1; }

test: setup
	@$(BIN)/python -m pytest --numprocesses 2 $(ARGS)

# Each check runs even if one before it failed, so that one run shows everything there is to mend.
check: setup
	@failed=0; \
	try() { echo "$$ $$*"; "$$@" || failed=1; }; \
	try $(BIN)/ruff check .; \
	try $(BIN)/ruff format --check .; \
	try $(BIN)/djade --check $$(find templates -name '*.html'); \
	try $(BIN)/mypy .; \
	try $(BIN)/lint-imports; \
	try $(BIN)/python manage.py makemigrations --check; \
	try env -u REGULARS_DEMO -u REGULARS_DEBUG REGULARS_HTTPS=true $(BIN)/python manage.py check --deploy --fail-level WARNING; \
	exit $$failed

bench: setup
	@$(BIN)/python benchmarks/run.py

screenshots: setup
	@$(BIN)/python docs/screenshots.py

stop:
	@$(BIN)/python manage.py stop_database

PINS := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header
pins: setup
	$(PINS) requirements/base.in --output-file requirements/base.txt
	$(PINS) requirements/dev.in --output-file requirements/dev.txt
