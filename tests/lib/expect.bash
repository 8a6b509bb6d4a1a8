# expect.bash - assertions on what bats' `run` left in $status and $output.
# shellcheck disable=SC2154

fail() { # MESSAGE...
	printf '%s\n' "$@"
	return 1
}

expect_status() { # NUMBER
	[[ $status -eq $1 ]] || fail "status: got $status, want $1" "output: $output"
}

# The whole output.
expect_output() { # TEXT
	[[ $output == "$1" ]] || fail "output: got '$output'" "want '$1'"
}

# A part of the output.
expect_text() { # TEXT...
	local text
	for text; do
		[[ $output == *"$text"* ]] || fail "output: got '$output'" "want in it '$text'" || return 1
	done
}

expect_no_text() { # TEXT...
	local text
	for text; do
		[[ $output != *"$text"* ]] || fail "output: got '$output'" "want not in it '$text'" ||
			return 1
	done
}

# An extended regular expression that some part of the output matches.
expect_match() { # PATTERN
	[[ $output =~ $1 ]] || fail "output: got '$output'" "want a match of '$1'"
}

# One line, and nothing else: what an error shall be.
expect_one_line() {
	[[ $(wc -l <<<"$output") -eq 1 ]] || fail "output: want one line, got '$output'"
}

expect_equal() { # GOT WANT
	[[ $1 == "$2" ]] || fail "got  '$1'" "want '$2'"
}

# A file with that content and nothing else.
expect_file() { # PATH TEXT
	[[ -f $1 ]] || fail "'$1' is missing" || return 1
	expect_equal "$(<"$1")" "$2"
}

expect_absent() { # PATH...
	local path
	for path; do
		[[ ! -e $path && ! -L $path ]] || fail "'$path' is there" || return 1
	done
}

# Skips the test, with the reason, unless a command succeeds.
requires() { # REASON COMMAND...
	local reason=$1
	shift
	"$@" >/dev/null 2>&1 || skip "$reason"
}

# Whether /sys/fs/cgroup has the controller, on v2 or v1: for requires.
has_controller() { # NAME
	if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
		grep -qw "$1" /sys/fs/cgroup/cgroup.controllers
	else
		[[ -e /sys/fs/cgroup/$1 ]]
	fi
}
