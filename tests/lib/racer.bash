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
	start_racer exchange "$1" "$2"
}

# A name that is a file or a link to TARGET, whatever others do to it.
start_flicker() { # NAME TARGET
	start_racer flicker "$1" "$2"
}

# A name that becomes a link to TARGET as soon as it is made, and then is gone again.
start_snatch() { # NAME TARGET
	start_racer snatch "$1" "$2"
}

start_racer() { # ARGUMENT...
	expect_racer || return
	"$RACER" "$@" "$END" </dev/null >/dev/null 2>&1 3>&- &
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
lean='.process.args = ["true"] | del(.linux.resources, .hostname) | .linux.maskedPaths = [] |
	.linux.readonlyPaths = [] | .mounts = [.mounts[] | select(.destination == "/proc")] |
	.linux.namespaces = [{ type: "pid" }, { type: "mount" }]'

# Runs containers of the bundle again and again, four at a time, which share the root like two
# that share a volume; whether one starts is the race's. What they say is in the file rounds.
# Fails when they do not come to an end.
run_often() { # TIMES
	seq -f "$ID-%g" "$1" | timeout 300 xargs -P 4 -I NAME "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
		--cgroup-manager disabled run --bundle "$BUNDLE" NAME >>"$BATS_TEST_TMPDIR/rounds" 2>&1 ||
		[[ $? -ne 124 ]] || fail "the containers have not ended"
}

# The same for exec, where all of them have to succeed.
exec_often() { # TIMES [OPTION...] ID COMMAND...
	seq "$1" | timeout 300 xargs -P 4 -I NUMBER "$MINIRUN" --root "$ROOT" --data-root "$DATA" exec "${@:2}" \
		>/dev/null 2>&1
}
