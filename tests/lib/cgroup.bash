# cgroup.bash - a test in every view of /sys/fs/cgroup that this host can show, and the
# host's side of a container's cgroup. Loaded after bundle.bash.

# shellcheck disable=SC2034,SC2154 # used here, or set there, by bundle.bash

view=$srcdir/tests/lib/view

# Calls the function once a view, with an ID, a bundle and a root of its own; VIEW is its name.
in_each_view() { # FUNCTION [ARGUMENT...]
	local VIEW
	for VIEW in $("$view" --list); do
		echo "view: $VIEW"
		ID=$RUN-$VIEW BUNDLE=$BATS_TEST_TMPDIR/bundle-$VIEW
		"$@"
	done
	unset VIEW
}

# The program sees the view; the test goes on seeing the host.
minirun() {
	if [[ -n ${VIEW:-} ]]; then
		"$view" "$VIEW" "$MINIRUN" --root "$ROOT" --data-root "$DATA" "$@"
	else
		"$MINIRUN" --root "$ROOT" --data-root "$DATA" "$@"
	fi
}

# A container that stays until it is deleted; the mounts keep their order.
start_idle() {
	edit_config '.process.args = ["tail", "-f", "/dev/null"]'
	minirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/idle.log" 2>&1 ||
		fail "$(<"$BATS_TEST_TMPDIR/idle.log")"
}

# Where the v2 hierarchy is on this host.
unified() {
	if [[ -d /sys/fs/cgroup/unified ]]; then echo /sys/fs/cgroup/unified; else echo /sys/fs/cgroup; fi
}

# The tops of the hierarchies that the view has, one a line.
hierarchies() {
	if [[ $VIEW != v1 ]]; then unified; fi
	if [[ $VIEW != v2 ]]; then
		awk '$(NF-2) == "cgroup" && index($5, "/sys/fs/cgroup/") == 1 { print $5 }' /proc/self/mountinfo
	fi
}

# The top of the hierarchy that has the controller in this view; fails if none has.
hierarchy_of() { # CONTROLLER
	if [[ $VIEW != v2 && -d /sys/fs/cgroup/$1 ]]; then
		echo "/sys/fs/cgroup/$1"
	elif [[ $VIEW != v1 ]] && grep -qw "$1" "$(unified)/cgroup.controllers"; then
		unified
	else
		return 1
	fi
}

# The content of the file of that name in v1, or in v2, of the container's cgroup.
value_of() { # CONTROLLER V1FILE V2FILE
	local top
	top=$(hierarchy_of "$1") || return 1
	if [[ $top == "$(unified)" ]]; then cat "$top/$ID/$3"; else cat "$top/$ID/$2"; fi
}

# Makes the path in every hierarchy of the view, and puts the process there.
make_cgroup() { # PATH [PID]
	hierarchies | while read -r top; do
		mkdir -p "$top$1"
		if [[ -e $top/cpuset.mems ]]; then
			cat "$top/cpuset.cpus" >"$top$1/cpuset.cpus"
			cat "$top/cpuset.mems" >"$top$1/cpuset.mems"
		fi
		if [[ -n ${2:-} ]]; then echo "$2" >"$top$1/cgroup.procs"; fi
	done
}

# The path is gone in every hierarchy of the view.
expect_no_cgroup() { # PATH
	hierarchies | while read -r top; do expect_absent "$top$1" || return 1; done
}

expect_cgroup() { # PATH
	hierarchies | while read -r top; do
		[[ -d $top$1 ]] || fail "'$top$1' is missing" || return 1
	done
}

remove_cgroup() { # PATH
	hierarchies | while read -r top; do rmdir "$top$1"; done
}
