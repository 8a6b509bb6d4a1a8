# racer.bash - tests/security/racer on the host and in containers, and many tries against it.
#
# Loaded after bundle. A racer ends when $END is there, which stop_racers makes; the
# teardown of a file that loads this has to call it.
# shellcheck disable=SC2034 # what it sets is for the tests

: "${builddir:?run the tests by tests/run}"
export RACER=$builddir/tests/security/racer
END=$BATS_TEST_TMPDIR/end
RACING=()

expect_racer() {
	[[ -x $RACER ]] || fail "'$RACER' is missing: make check-bats makes it"
}

# Two names of the host that are swapped all the time.
start_exchange() { # A B
	expect_racer || return
	"$RACER" exchange "$1" "$2" "$END" </dev/null >/dev/null 2>&1 3>&- &
	RACING+=($!)
}

stop_racers() {
	[[ ${#RACING[@]} -gt 0 ]] || return 0
	touch "$END"
	wait "${RACING[@]}"
	RACING=()
	rm "$END"
}

# What every try needs, and nothing that takes time.
lean='.process.args = ["true"] | del(.linux.resources) | .linux.maskedPaths = [] |
	.linux.readonlyPaths = [] | .mounts = [.mounts[] | select(.destination == "/proc")]'

# Runs the container again and again; whether it starts is the race's. What it says is in the
# file rounds.
run_often() { # TIMES [OPTION...]
	local i
	for ((i = 0; i < $1; i++)); do
		"$MINIRUN" --root "$ROOT" --data-root "$DATA" --cgroup-manager disabled run "${@:2}" \
			--bundle "$BUNDLE" "$ID" </dev/null >>"$BATS_TEST_TMPDIR/rounds" 2>&1 || true
	done
}
