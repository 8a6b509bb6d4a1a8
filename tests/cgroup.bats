#!/usr/bin/env bats
# The container's cgroup on hybrid, v1 and v2 hosts: limits, device rules, what is in it
# and what becomes of it. Each test runs in every view that tests/lib/view can show here.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq
# shellcheck disable=SC2154,SC2317 # status and output are bats'; check is called by its name

load lib/bundle
load lib/cgroup

# A limit on a controller that this view has not: refused, by name, and nothing is left.
expect_refusal() { # CONTROLLER MEMBER
	run run_script 'echo ran'
	expect_status 1
	expect_one_line
	expect_text "linux.resources.$2: the $1 controller is not available in '/sys/fs/cgroup"
	expect_no_text ran
	expect_no_cgroup "/$ID"
}

@test "a container has a cgroup of its own, and it goes with it" {
	check() {
		make_bundle
		start_idle
		expect_cgroup "/$ID"
		pid=$(minirun state "$ID" | jq .pid)
		hierarchies | while read -r top; do grep -qx "$pid" "$top/$ID/cgroup.procs" || return 1; done
		minirun delete --force "$ID"
		expect_no_cgroup "/$ID"
	}
	in_each_view check
}

@test "memory: the limits are the kernel's, and more than them is death" {
	check() {
		make_bundle '.linux.resources.memory = { limit: 33554432, swap: 33554432,
			reservation: 16777216 }'
		if ! hierarchy_of memory; then expect_refusal memory memory.limit; return; fi
		run run_script 'exec dd if=/dev/zero of=/dev/shm/much bs=1M count=60'
		expect_status 137
		start_idle
		expect_equal "$(value_of memory memory.limit_in_bytes memory.max)" 33554432
		expect_equal "$(value_of memory memory.soft_limit_in_bytes memory.low)" 16777216
		if [[ $VIEW == v2 ]]; then
			expect_equal "$(value_of memory - memory.swap.max)" 0
		else
			expect_equal "$(value_of memory memory.memsw.limit_in_bytes)" 33554432
		fi
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "memory: swappiness and the killer switched off, on v1 alone" {
	check() {
		make_bundle '.linux.resources.memory = { limit: 33554432, swappiness: 17,
			disableOOMKiller: true }'
		if ! hierarchy_of memory; then expect_refusal memory memory.limit; return; fi
		if [[ $(hierarchy_of memory) == "$(unified)" ]]; then
			run run_script 'echo ran'
			expect_status 1
			expect_text 'linux.resources.memory.swappiness: cgroup v2 has no such setting'
			return
		fi
		start_idle
		expect_equal "$(value_of memory memory.swappiness)" 17
		value_of memory memory.oom_control | grep -qx 'oom_kill_disable 1'
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "pids: one more than the limit is refused inside" {
	check() {
		make_bundle '.linux.resources.pids = { limit: 3 }'
		if ! hierarchy_of pids; then expect_refusal pids pids.limit; return; fi
		run run_script 'tail -f /dev/null & tail -f /dev/null & tail -f /dev/null & :'
		expect_text "can't fork"
		[[ $status -ne 0 ]]
	}
	in_each_view check
}

@test "cpu: quota, period, burst and weight are the kernel's" {
	check() {
		make_bundle '.linux.resources.cpu = { shares: 2048, quota: 50000, period: 200000,
			burst: 10000 }'
		if ! hierarchy_of cpu; then expect_refusal cpu cpu.shares; return; fi
		start_idle
		if [[ $(hierarchy_of cpu) == "$(unified)" ]]; then
			expect_equal "$(value_of cpu - cpu.weight)" 174
			expect_equal "$(value_of cpu - cpu.max)" "50000 200000"
		else
			expect_equal "$(value_of cpu cpu.shares)" 2048
			expect_equal "$(value_of cpu cpu.cfs_quota_us)" 50000
			expect_equal "$(value_of cpu cpu.cfs_period_us)" 200000
		fi
		expect_equal "$(value_of cpu cpu.cfs_burst_us cpu.max.burst)" 10000
		minirun delete --force "$ID"
	}
	in_each_view check
}

@test "cpus and mems: the process runs nowhere else" {
	check() {
		make_bundle '.linux.resources.cpu = { cpus: "0", mems: "0" }'
		if ! hierarchy_of cpuset; then expect_refusal cpuset cpu.cpus; return; fi
		run run_script 'grep -E "^(Cpus|Mems)_allowed_list" /proc/self/status'
		expect_status 0
		expect_match 'Cpus_allowed_list:[[:space:]]+0'
		expect_match 'Mems_allowed_list:[[:space:]]+0'
		make_bundle '.linux.resources.cpu = { cpus: "4000" }'
		run run_script 'echo ran'
		expect_status 1
		expect_text "linux.resources.cpu.cpus: cannot write '4000'"
		expect_no_cgroup "/$ID"
	}
	in_each_view check
}

@test "devices: the default ones only, others as the rules say" {
	local capabilities='.process.capabilities |= with_entries(.value += ["CAP_MKNOD"])'
	# The node can be made; opening it is not permitted (EPERM), or there is no such disk (ENXIO).
	local script='mknod /dev/x b 250 7; cat /dev/x; echo >/dev/null && head -c 1 /dev/zero | wc -c'
	check() {
		make_bundle "$capabilities"' | .linux.resources.devices = [{ allow: false, access: "rwm" }]'
		run run_script "$script"
		expect_text "can't open '/dev/x': Operation not permitted"
		expect_match '1$'
		edit_config '.linux.resources.devices += [{ allow: true, type: "b", major: 250, minor: 7,
			access: "r" }]'
		run run_script "$script; echo >/dev/x"
		expect_text "can't open '/dev/x': No such device" \
			"can't create /dev/x: Operation not permitted"
		# No rules at all are no permission either.
		edit_config 'del(.linux.resources)'
		run run_script "$script"
		expect_text "can't open '/dev/x': Operation not permitted"
		expect_match '1$'
	}
	in_each_view check
}

@test "resources that are wrong are refused before anything is made" {
	local filter where
	check() {
		while IFS='|' read -r filter where; do
			make_bundle "del(.linux.resources.memory, .linux.resources.cpu) | $filter"
			run run_script 'echo ran'
			expect_status 1
			expect_one_line
			expect_text "config.json:" "linux.resources.$where: "
			expect_no_cgroup "/$ID"
		done <<-'end'
			.linux.resources.memory = { limit: -2 }|memory.limit
			.linux.resources.memory = { swap: 1048576 }|memory.swap
			.linux.resources.memory = { limit: 2097152, swap: 1048576 }|memory.swap
			.linux.resources.memory = { swappiness: 101 }|memory.swappiness
			.linux.resources.cpu = { period: 10 }|cpu.period
			.linux.resources.cpu = { quota: 5000, burst: 6000 }|cpu.burst
			.linux.resources.cpu = { idle: 2 }|cpu.idle
			.linux.resources.cpu = { cpus: "3-1" }|cpu.cpus
			.linux.resources.devices = [{ allow: true, type: "x", access: "r" }]|devices[0].type
			.linux.resources.devices = [{ allow: true, access: "rx" }]|devices[0].access
		end
	}
	in_each_view check
}

@test "a path with parents: those that were made go, those that were there stay" {
	check() {
		make_cgroup "/$ID"
		make_bundle '.linux.cgroupsPath = $path' --arg path "/$ID/made/container"
		start_idle
		expect_cgroup "/$ID/made/container"
		minirun delete --force "$ID"
		expect_no_cgroup "/$ID/made"
		expect_cgroup "/$ID"
		remove_cgroup "/$ID"
	}
	in_each_view check
}

@test "paths that lead astray are refused" {
	local path
	check() {
		for path in / .. /a/../../b; do
			make_bundle '.linux.cgroupsPath = $path' --arg path "$path"
			run run_script 'echo ran'
			expect_status 1
			expect_one_line
			expect_text "config.json:" "linux.cgroupsPath: "
		done
	}
	in_each_view check
}

@test "a cgroup that others use is refused, and they live on" {
	check() {
		tail -f /dev/null 3>&- &
		make_cgroup "/$ID" $!
		make_bundle
		run run_script 'echo ran'
		expect_status 1
		expect_one_line
		expect_text "is used by other processes"
		minirun delete --force "$ID"
		kill -0 $!
		kill -KILL $!
		wait $! || true
		remove_cgroup "/$ID"
	}
	in_each_view check
}

@test "delete kills nobody in a cgroup that was planned, and not made" {
	check() {
		tail -f /dev/null 3>&- &
		make_cgroup "/$ID" $!
		mkdir -p "$ROOT/$ID"
		# As a create leaves it that was killed in between.
		jq --null-input '{ ociVersion: "1.3.0", id: $id, bundle: "/", rootfs: "", created: "",
			owner: 0, pid: 0, startTime: 0,
			cgroup: { path: ("/" + $id), componentsFound: 0, planned: true } }' \
			--arg id "$ID" >"$ROOT/$ID/state.json"
		run minirun kill --all "$ID" KILL
		kill -0 $!
		run minirun delete --force "$ID"
		expect_status 0
		expect_absent "$ROOT/$ID"
		kill -0 $!
		kill -KILL $!
		wait $! || true
		remove_cgroup "/$ID"
	}
	in_each_view check
}

@test "a frozen cgroup is refused" {
	check() {
		make_cgroup "/$ID"
		freeze "/$ID"
		make_bundle
		run run_script 'echo ran'
		expect_status 1
		expect_text "is frozen"
		remove_cgroup "/$ID"
	}
	in_each_view check
}

# By v1's freezer where the view has it, else by v2's.
freeze() { # PATH
	if [[ $VIEW == v2 ]]; then
		echo 1 >"$(unified)$1/cgroup.freeze"
	else
		echo FROZEN >"/sys/fs/cgroup/freezer$1/freezer.state"
	fi
}

@test "frozen from outside: paused, and no shelter from delete" {
	check() {
		make_bundle
		start_idle
		freeze "/$ID"
		expect_equal "$(state_of "$ID")" paused
		minirun delete --force "$ID"
		expect_no_cgroup "/$ID"
	}
	in_each_view check
}

@test "what a container without a pid namespace leaves behind dies with it" {
	check() {
		make_bundle '.linux.namespaces |= map(select(.type != "pid"))'
		run run_script 'tail -f /dev/null >/dev/null 2>&1 & echo left $!'
		expect_status 0
		expect_match 'left [0-9]+'
		expect_no_cgroup "/$ID"
		[[ ! -e /proc/${output##* } ]]
	}
	in_each_view check
}

@test "exec follows a process that moved to a cgroup below" {
	local move='for top in /sys/fs/cgroup /sys/fs/cgroup/*; do
		if [ -e $top/cgroup.procs ]; then
			mkdir $top/below
			if [ -e $top/cpuset.mems ]; then
				cat $top/cpuset.cpus >$top/below/cpuset.cpus
				cat $top/cpuset.mems >$top/below/cpuset.mems
			fi
			echo 1 >$top/below/cgroup.procs
		fi
	done'
	check() {
		make_bundle '.mounts |= map(if .type == "cgroup" then .options -= ["ro"] else . end)'
		start_idle
		run minirun exec "$ID" sh -c "$move; cat /proc/1/cgroup"
		expect_status 0
		run minirun exec "$ID" sh -c 'cat /proc/1/cgroup; echo; cat /proc/self/cgroup'
		expect_status 0
		expect_text "$([[ $VIEW == v1 ]] && echo ":pids:" || echo "0::")"
		expect_equal "${output%%$'\n\n'*}" "${output##*$'\n\n'}"
		expect_text "/below"
		minirun delete --force "$ID"
		expect_no_cgroup "/$ID"
	}
	in_each_view check
}

@test "a container sees its own cgroup, and can change nothing" {
	check() {
		make_bundle
		run run_script 'find /sys/fs/cgroup -name cgroup.procs | while read -r file; do
				grep -qx 1 $file || echo without us: $file
				(echo 1 >$file) 2>/dev/null && echo written: $file
			done
			find /sys/fs/cgroup -mindepth 1 -name "'"$RUN"'*"; echo end'
		expect_status 0
		expect_output end
	}
	in_each_view check
}

@test "--cgroup-manager disabled makes none" {
	check() {
		make_bundle '.process.args = ["cat", "/proc/self/cgroup"] |
			.linux.namespaces |= map(select(.type != "cgroup"))'
		run minirun --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
		expect_status 0
		expect_no_text "$ID"
		expect_no_cgroup "/$ID"
	}
	in_each_view check
}

@test "a host without cgroups is told what to do" {
	make_bundle
	run unshare --mount sh -c 'mount -t tmpfs tmpfs /sys/fs/cgroup; exec "$@"' sh \
		"$MINIRUN" --root "$ROOT" --data-root "$DATA" run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_one_line
	expect_text "no cgroup file system is mounted at '/sys/fs/cgroup' (--cgroup-manager disabled does without)"
}
