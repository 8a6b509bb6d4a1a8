# agent.bash - agent.py, where system calls are left to an agent. The test says where: AGENT,
# a directory to make, and the file STATES. Loaded after bundle.bash.

# shellcheck disable=SC2154 # set by the test or by bundle.bash

# An agent that lets the calls fail with that errno value, or go on for 0.
start_agent() { # ERRNO
	mkdir "$AGENT"
	mkfifo "$AGENT/ready" "$AGENT/end"
	python3 "$srcdir/tests/lib/agent.py" "$AGENT/socket" "$AGENT/ready" "$STATES" "$1" \
		<>"$AGENT/end" >/dev/null 3>&- &
	AGENT_PID=$!
	wait_line "$AGENT/ready"
}

stop_agent() {
	[[ -n ${AGENT_PID:-} ]] || return 0
	echo end >"$AGENT/end"
	wait_end "$AGENT_PID"
	AGENT_PID=
}
