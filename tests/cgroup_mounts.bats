#!/usr/bin/env bats
# Mounts of type cgroup and cgroup2: on v1, hybrid and v2 hosts, read-only or not, with a cgroup
# namespace and without. Whatever the mode, the container sees its own cgroup and nothing above.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq
# shellcheck disable=SC2154,SC2317 # status and output are bats'; check is called by its name

load lib/bundle
load lib/cgroup

# TYPE ro|rw with|without (a cgroup namespace)
make_cgroup_bundle() {
	make_bundle '.mounts |= map(if .destination == "/sys/fs/cgroup" then
			.type = $type | .source = $type | .options = ["nosuid", "nodev", "noexec", $mode] else . end) |
		.linux.namespaces |= map(select(.type != "cgroup")) |
		if $namespace == "with" then .linux.namespaces += [{ type: "cgroup" }] else . end' \
		--arg type "$1" --arg mode "$2" --arg namespace "$3"
}

in_each_mode() { # FUNCTION
	local type mode namespace
	for type in cgroup cgroup2; do
		for mode in ro rw; do
			for namespace in with without; do
				echo "$type, $mode, $namespace a cgroup namespace"
				make_cgroup_bundle "$type" "$mode" "$namespace"
				"$@"
			done
		done
	done
}

# The places in the container that are tops of a hierarchy, one a line.
places='find /sys/fs/cgroup -maxdepth 2 -name cgroup.procs | sed "s,/cgroup.procs$,,"'

@test "every hierarchy is there, with the container's cgroup as its root" {
	check() {
		local tops
		run run_script "$places"' | while read -r top; do
				grep -qx 1 $top/cgroup.procs && echo $top || echo without us: $top
			done | sort; find /sys/fs/cgroup -name "'"$RUN"'*"'
		expect_status 0
		tops=$(hierarchies | sed "s,^$(unified)\$,/sys/fs/cgroup/unified," | sort)
		if [[ $VIEW == v2 || ($VIEW == hybrid && $type == cgroup2) ]]; then tops=/sys/fs/cgroup; fi
		expect_output "$tops"
		expect_no_cgroup "/$ID"
	}
	in_each_view in_each_mode check
}

@test "read-only: nothing can be made or written; else what is made goes with the container" {
	check() {
		run run_script "$places"' | while read -r top; do
				mkdir $top/below 2>/dev/null && echo made
				(echo 1 >$top/cgroup.procs) 2>/dev/null && echo written
			done | sort | uniq -c | tr -s " "'
		expect_status 0
		if [[ $mode == ro ]]; then
			expect_output ""
		else
			local tops
			tops=$(hierarchies | wc -l)
			if [[ $VIEW == hybrid && $type == cgroup2 ]]; then tops=1; fi
			expect_output " $tops made"$'\n'" $tops written"
		fi
		expect_no_cgroup "/$ID"
	}
	in_each_view in_each_mode check
}

@test "the options are those of every hierarchy" {
	check() {
		run run_script 'grep " /sys/fs/cgroup" /proc/self/mountinfo | cut -d" " -f6 | cut -d, -f1-4 | sort -u'
		expect_status 0
		expect_output "$mode,nosuid,nodev,noexec"
	}
	in_each_view in_each_mode check
}
