#!/usr/bin/env bats
# containerd, by its own client ctr: that it is minirun which runs its containers, nobody notices.
# shellcheck disable=SC2016,SC2153,SC2154 # what stands in single quotes is for the container

load ../lib/manager

IMAGE=localhost/test:1

manager_start() {
	manager_requires containerd ctr containerd-shim-runc-v2 umoci skopeo
	export CONTAINERD_ADDRESS=/run/containerd.sock
	cat >"$PLACE/config.toml" <<-END
		version = 2
		root = "$PLACE/containerd"
		state = "/run/containerd"
		disabled_plugins = ["io.containerd.grpc.v1.cri"]
		[grpc]
		address = "$CONTAINERD_ADDRESS"
	END
	manager_archive "$PLACE/image.tar" "$IMAGE"
	containerd_start
	ctr images import "$PLACE/image.tar" >/dev/null
}

containerd_start() {
	containerd --config "$PLACE/config.toml" >>"$PLACE/log" 2>&1 3>&- </dev/null &
	echo "$!" >"$PLACE/pid"
	wait_for_output Server ctr version
}

manager_stop() {
	manager_clean
	kill "$(<"$PLACE/pid")"
	wait_end "$(<"$PLACE/pid")"
}

manager_clean() {
	local id
	for id in $(ctr tasks list --quiet); do
		ctr tasks delete --force "$id" >/dev/null 2>&1
	done
	for id in $(ctr containers list --quiet); do
		ctr containers delete "$id"
	done
	wait_for_nothing
	expect_no_containers
}

# The shim of a container ends after it.
wait_for_nothing() {
	wait_for_output none shims
}

shims() {
	local directory name
	for directory in /proc/[0-9]*; do
		{ read -r name <"$directory/comm"; } 2>/dev/null || continue
		[[ $name != containerd-shim* ]] || return 0
	done
	echo none
}

container() { # CTR ARGUMENT...
	ctr run --runc-binary "$MINIRUN" --cgroup "$PARENT/$NAME" "$@"
}

in_rm() { # CTR OPTION... -- COMMAND...
	local options=()
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	container --rm "${options[@]}" "$IMAGE" "$NAME" "$@"
}

idle() { # CTR OPTION...
	container --detach "$@" "$IMAGE" "$NAME" tail -f /dev/null
}

execute() { # CTR OPTION... COMMAND...
	ctr tasks exec --exec-id "e$RANDOM" "$@"
}

# A file of the container's cgroup, by its name in v1 and in v2.
value() { # CONTROLLER V1FILE V2FILE
	cat "/sys/fs/cgroup/$1$PARENT/$NAME/$2" 2>/dev/null || cat "/sys/fs/cgroup$PARENT/$NAME/$3"
}

@test "run: output, exit status, user, directory and environment" {
	run in_rm -- echo hello
	expect_output hello
	run in_rm -- sh -c 'exit 7'
	expect_status 7
	run in_rm --cwd /etc --env A=b -- sh -c 'pwd; echo $A'
	expect_output $'/etc\nb'
	# Its end does not always arrive: ctr 1.6 may tell containerd before the task is there.
	run in_rm -- head -n 1 <<<"through the input"
	expect_output "through the input"
}

@test "run: what cannot be executed is told in runc's words" {
	run in_rm -- /absent
	expect_status 1
	expect_text 'exec: "/absent": stat /absent: no such file or directory'
	run in_rm -- absent
	expect_text 'exec: "absent": executable file not found in $PATH'
	run in_rm -- /etc/passwd
	expect_text 'exec: "/etc/passwd": permission denied'
}

@test "run with a terminal" {
	run script --quiet --return --command \
		"ctr run --rm --tty --runc-binary $MINIRUN $IMAGE $NAME sh -c 'tty; stty size'" /dev/null <>"$PLACE/never"
	expect_status 0
	expect_text /dev/pts/0
}

@test "run --detach, exec, processes, kill, delete" {
	idle
	run ctr tasks list
	expect_match "$NAME +[0-9]+ +RUNNING"
	run execute "$NAME" sh -c 'id -u; exit 9'
	expect_status 9
	expect_output 0
	run execute --user 1000 --cwd /etc "$NAME" sh -c 'id -u; pwd'
	expect_output $'1000\n/etc'
	run script --quiet --return --command "ctr tasks exec --exec-id tty --tty $NAME tty" /dev/null <>"$PLACE/never"
	expect_text /dev/pts/0
	run execute "$NAME" absent
	[[ $status -ne 0 ]]
	expect_text 'exec: "absent": executable file not found in $PATH'
	execute --detach "$NAME" tail -f /dev/null
	run ctr tasks ps "$NAME"
	expect_equal "$(grep -cE '^[0-9]' <<<"$output")" 2
	ctr tasks kill --signal KILL "$NAME"
	wait_for_output STOPPED ctr tasks list
	run ctr tasks delete "$NAME"
	expect_status 0
}

@test "an error of a task that is gone is known to containerd" {
	run ctr tasks kill "$NAME"
	[[ $status -ne 0 ]]
	idle
	ctr tasks kill --all --signal KILL "$NAME"
	wait_for_output STOPPED ctr tasks list
	run ctr tasks kill --signal KILL "$NAME"
	expect_text "process already finished: not found"
}

@test "pause and resume" {
	idle
	ctr tasks pause "$NAME"
	run ctr tasks list
	expect_text PAUSED
	ctr tasks resume "$NAME"
	run execute "$NAME" echo "on it goes"
	expect_output "on it goes"
}

@test "limits, metrics, and memory that runs out" {
	requires_controller memory
	idle --memory-limit $((32 << 20)) --cpu-quota 50000 --cpu-period 100000
	expect_equal "$(value memory memory.limit_in_bytes memory.max)" $((32 << 20))
	expect_equal "$(value cpu cpu.cfs_quota_us cpu.max)" 50000
	run ctr tasks metrics "$NAME"
	expect_text memory.usage_in_bytes pids.current
	manager_clean
	run in_rm --memory-limit $((16 << 20)) -- tail /dev/zero
	expect_status 137
}

@test "mounts, a read-only root, privileges, seccomp" {
	mkdir "$T/volume"
	run in_rm --mount "type=bind,src=$T/volume,dst=/a/b,options=rbind:rw" -- touch /a/b/new
	expect_status 0
	[[ -e $T/volume/new ]]
	run in_rm --read-only -- touch /new
	expect_text "Read-only file system"
	run in_rm --privileged -- sh -c 'mount -t tmpfs none /tmp && echo mounted'
	expect_output mounted
	run in_rm --cap-drop CAP_CHOWN -- chown 1 /etc/motd
	expect_text "not permitted"
	run in_rm --seccomp -- grep Seccomp: /proc/self/status
	expect_match '2$'
	run in_rm --allow-new-privs -- grep NoNewPrivs /proc/self/status
	expect_match '0$'
	run in_rm --rootfs-propagation rslave -- true
	expect_status 0
}

@test "namespaces of the host and of another container" {
	idle
	local pid
	pid=$(ctr tasks list | awk -v name="$NAME" '$1 == name { print $2 }')
	run ctr run --rm --runc-binary "$MINIRUN" --with-ns "pid:/proc/$pid/ns/pid" \
		--with-ns "ipc:/proc/$pid/ns/ipc" "$IMAGE" "$NAME-b" cat /proc/1/comm
	expect_output tail
	run ctr run --rm --runc-binary "$MINIRUN" --net-host "$IMAGE" "$NAME-b" readlink /proc/self/ns/net
	expect_output "$(readlink /proc/self/ns/net)"
}

@test "containers go on when containerd is killed, and it knows them again" {
	idle
	kill -9 "$(<"$PLACE/pid")"
	wait_end "$(<"$PLACE/pid")"
	containerd_start
	run ctr tasks list
	expect_match "$NAME +[0-9]+ +RUNNING"
	run execute "$NAME" echo "still there"
	expect_output "still there"
	ctr tasks kill --signal KILL "$NAME"
	wait_for_output STOPPED ctr tasks list
}

@test "20 at once" {
	local i jobs=()
	for ((i = 0; i < 20; i++)); do
		ctr run --rm --runc-binary "$MINIRUN" --cgroup "$PARENT/$NAME-$i" "$IMAGE" "$NAME-$i" \
			echo "number $i" >"$T/$i" 3>&- </dev/null &
		jobs+=("$!")
	done
	for i in "${!jobs[@]}"; do
		wait "${jobs[i]}"
		expect_file "$T/$i" "number $i"
	done
}
