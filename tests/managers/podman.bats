#!/usr/bin/env bats
# Podman: that it is minirun which runs its containers, nobody notices.
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is for the container

bats_require_minimum_version 1.5.0

load ../lib/manager
load ../lib/podman

IMAGE=localhost/test:1

manager_start() {
	manager_requires podman conmon
	export CONTAINERS_CONF=$PLACE/containers.conf CONTAINERS_STORAGE_CONF=$PLACE/storage.conf
	podman_configuration >"$CONTAINERS_CONF"
	cat >"$CONTAINERS_STORAGE_CONF" <<-END
		[storage]
		driver = "overlay"
		graphroot = "$PLACE/storage"
		runroot = "/run/podman-storage"
	END
	podman import --quiet "$PLACE/rootfs.tar" "$IMAGE" >/dev/null
}

manager_stop() {
	podman rm --all --force --time 0
	if mountpoint --quiet "$PLACE/storage/overlay"; then umount "$PLACE/storage/overlay"; fi
}

manager_clean() {
	podman pod rm --all --force --time 0 >/dev/null
	podman rm --all --force --time 0 >/dev/null
	take_ids
	expect_no_containers
}

# Standard error is podman's own, too; what is said there is wanted in tests of it alone.
container() { # PODMAN ARGUMENT...
	podman run --cgroup-parent "$PARENT" --name "$NAME" "$@"
}

in_rm() { # PODMAN ARGUMENT...
	container --rm "$@"
}

# A container that stays.
idle() { # PODMAN ARGUMENT...
	container --detach "$@" "$IMAGE" tail -f /dev/null >/dev/null
}

inspect() { # FORMAT
	podman inspect --format "{{$1}}" "$NAME"
}

# A file of the container's cgroup, by its name in v1 and in v2.
value() { # CONTROLLER V1FILE V2FILE
	local id
	id=$(podman inspect --format '{{.Id}}' "$NAME")
	cat "/sys/fs/cgroup/$1$PARENT/libpod-$id/$2" 2>/dev/null ||
		cat "/sys/fs/cgroup$PARENT/libpod-$id/$3"
}

@test "run: output, input, exit status, user, directory and environment" {
	run in_rm "$IMAGE" echo hello
	expect_status 0
	expect_output hello
	run in_rm "$IMAGE" sh -c 'exit 7'
	expect_status 7
	run in_rm --interactive "$IMAGE" tr a-z A-Z <<<"through the input"
	expect_output "THROUGH THE INPUT"
	run in_rm --user user --group-add 42 --umask 027 --workdir /etc --env A=b --hostname there \
		"$IMAGE" sh -c 'id -u; id -G; umask; pwd; echo $A; hostname'
	expect_output $'1000\n1000 42\n0027\n/etc\nb\nthere'
}

@test "run: what cannot be executed has the status that podman gives it" {
	run -127 in_rm "$IMAGE" /absent
	expect_text '/absent' 'no such file or directory'
	run -127 in_rm "$IMAGE" absent
	expect_text 'executable file not found in $PATH'
	run in_rm "$IMAGE" /etc/passwd
	expect_status 126
	expect_text 'permission denied'
	run in_rm --workdir /absent "$IMAGE" true
	expect_status 126
}

@test "run with a terminal" {
	run in_rm --tty "$IMAGE" sh -c 'tty; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all of them'
	expect_text /dev/pts/0 "all of them"
	mkfifo "$T/keyboard"
	run script --quiet --return --command "podman run --rm -it $IMAGE stty -a" /dev/null <>"$T/keyboard"
	expect_status 0
	expect_text "speed"
}

@test "run --detach, logs, attach, wait, restart, rm" {
	mkfifo -m 666 "$T/end"
	container --detach --volume "$T:/pipes" "$IMAGE" \
		sh -c 'echo one; echo two >&2; read line </pipes/end; echo $line; exit 3'
	[[ $(inspect .State.Status) == running ]]
	[[ -d /proc/$(inspect .State.Pid) ]]
	echo three >"$T/end"
	run podman wait "$NAME"
	expect_output 3
	run podman logs "$NAME"
	expect_text one two three
	run podman rm "$NAME"
	expect_status 0
}

@test "create and start, restart, and start again with what was written" {
	podman create --cgroup-parent "$PARENT" --name "$NAME" "$IMAGE" sh -c 'echo line >>/file; cat /file'
	run podman start --attach "$NAME"
	expect_output line
	run podman start --attach "$NAME"
	expect_output $'line\nline'
	run podman init "$NAME"
	expect_status 0
	expect_equal "$(inspect .State.Status)" initialized
	run podman start --attach "$NAME"
	expect_output $'line\nline\nline'
}

@test "exec: with and without a terminal, as a user, in a directory, detached" {
	idle --env A=b
	run podman exec "$NAME" sh -c '[ ! -t 1 ]; echo $? $A'
	expect_output "0 b"
	run podman exec --tty "$NAME" tty
	expect_text /dev/pts/
	run podman exec --user user --workdir /etc --env C=d "$NAME" sh -c 'id -un; pwd; echo $C'
	expect_output $'user\n/etc\nd'
	run podman exec --interactive "$NAME" cat <<<"through"
	expect_output through
	run podman exec "$NAME" sh -c 'exit 9'
	expect_status 9
	podman exec --detach "$NAME" sh -c 'echo done >/done; tail -f /dev/null'
	wait_for_output "done" podman exec "$NAME" cat /done
	run podman exec --privileged "$NAME" grep CapEff /proc/self/status
	expect_no_text 800405fb
	run podman exec --preserve-fds 1 "$NAME" cat /proc/self/fd/3 3< <(echo a descriptor)
	expect_output "a descriptor"
}

@test "exec: what cannot be executed has the status that podman gives it" {
	idle
	run -127 podman exec "$NAME" /absent
	expect_text 'no such file or directory'
	run -127 podman exec "$NAME" absent
	expect_text 'executable file not found in $PATH'
	run podman exec "$NAME" /etc/passwd
	expect_status 126
	expect_text 'permission denied'
	run podman exec --workdir /absent "$NAME" true
	[[ $status -ne 0 ]]
}

@test "stop and kill" {
	container --detach "$IMAGE" sh -c 'trap "echo asked; exit 5" TERM; echo up; while :; do sleep 1; done'
	wait_for_output up podman logs "$NAME"
	run podman stop "$NAME"
	expect_status 0
	expect_equal "$(inspect .State.ExitCode)" 5
	podman start "$NAME"
	run podman kill "$NAME"
	expect_status 0
	run podman wait "$NAME"
	expect_output 137
	run podman kill "$NAME"
	expect_text "running"
	podman start "$NAME"
	run podman stop --time 0 "$NAME"
	expect_status 0
}

@test "kill reaches all processes of a container without its own pid namespace" {
	container --detach --pid host "$IMAGE" sh -c 'tail -f /dev/null & echo $!; wait'
	wait_for_output "" podman logs "$NAME"
	local other
	other=$(podman logs "$NAME")
	run podman stop --time 0 "$NAME"
	expect_status 0
	[[ ! -d /proc/$other ]]
}

@test "pause and unpause" {
	idle
	local pid
	pid=$(inspect .State.Pid)
	podman pause "$NAME"
	expect_equal "$(inspect .State.Status)" paused
	run podman exec "$NAME" true
	expect_status 255
	podman unpause "$NAME"
	run podman exec "$NAME" echo "on it goes"
	expect_output "on it goes"
	expect_equal "$(inspect .State.Pid)" "$pid"
	podman pause "$NAME"
	run podman rm --force --time 0 "$NAME"
	expect_status 0
}

@test "update, stats and top" {
	requires_controller memory
	idle --memory 64m --memory-swap 64m
	podman update --memory 32m --cpu-shares 512 "$NAME"
	expect_equal "$(value memory memory.limit_in_bytes memory.max)" $((32 << 20))
	expect_equal "$(value cpu cpu.shares cpu.weight)" 512
	run podman stats --no-stream --format '{{.Name}} {{.PIDs}}' "$NAME"
	expect_output "$NAME 1"
	run podman top "$NAME" user comm
	expect_text root tail
}

@test "limits: memory, cpu, pids and cpus are the container's" {
	requires_controller memory
	idle --memory 64m --memory-reservation 32m --cpus 0.5 --pids-limit 20 --cpuset-cpus 0 \
		--blkio-weight 200 --ulimit nofile=100:200 --ulimit nproc=500:500 --oom-score-adj 500
	expect_equal "$(value memory memory.limit_in_bytes memory.max)" $((64 << 20))
	expect_equal "$(value memory memory.soft_limit_in_bytes memory.low)" $((32 << 20))
	expect_equal "$(value cpu cpu.cfs_quota_us cpu.max)" 50000
	expect_equal "$(value pids pids.max pids.max)" 20
	expect_equal "$(value cpuset cpuset.cpus cpuset.cpus)" 0
	run podman exec "$NAME" sh -c 'ulimit -n; ulimit -Hn; cat /proc/self/oom_score_adj'
	expect_output $'100\n200\n500'
	run podman exec "$NAME" sh -c 'for i in $(seq 30); do sleep 5 & done'
	expect_text "can't fork"
}

@test "a container that takes more memory than it may is killed" {
	requires_controller memory
	run container --memory 16m --memory-swap 16m "$IMAGE" tail /dev/zero
	expect_status 137
	expect_equal "$(inspect .State.ExitCode)" 137
}

@test "cp, diff, commit and export" {
	idle
	echo "from outside" >"$T/file"
	podman cp "$T/file" "$NAME:/etc/new"
	podman exec "$NAME" sh -c 'rm /etc/motd; echo inside >/tmp/inside'
	podman cp "$NAME:/tmp/inside" "$T/inside"
	expect_file "$T/inside" inside
	run podman diff "$NAME"
	expect_text "A /etc/new" "D /etc/motd" "A /tmp/inside"
	podman commit --quiet "$NAME" localhost/committed:1
	run podman run --rm localhost/committed:1 sh -c 'cat /etc/new; ls /etc/motd'
	expect_text "from outside" "No such file"
	podman export "$NAME" | tar -t | grep -qx etc/new
	podman rmi --force localhost/committed:1
}

@test "volumes: bind mounts, read-only, named, with an overlay, with other ids" {
	mkdir -m 777 "$T/volume"
	echo there >"$T/volume/file"
	run in_rm --volume "$T/volume:/v" "$IMAGE" sh -c 'cat /v/file; echo new >/v/new'
	expect_output there
	expect_file "$T/volume/new" new
	run in_rm --volume "$T/volume:/v:ro" "$IMAGE" touch /v/more
	expect_text "Read-only file system"
	run in_rm --volume "$T/volume:/v:O" "$IMAGE" sh -c 'rm /v/new; ls /v'
	expect_output file
	expect_file "$T/volume/new" new
	run in_rm --volume "$T/volume:/v:U" --user 1000:1000 "$IMAGE" stat -c %u:%g /v /v/file
	expect_output $'1000:1000\n1000:1000'
	run in_rm --volume "$NAME:/etc" "$IMAGE" cat /etc/motd
	expect_output "from the image"
	run in_rm --volume "$NAME:/v:noexec,nosuid,nodev" "$IMAGE" sh -c 'grep " /v " /proc/mounts'
	expect_match 'nosuid,nodev,noexec'
	podman volume rm "$NAME"
	run in_rm --mount "type=bind,src=$T/volume,dst=/a/b/c,ro=true,bind-propagation=rslave" "$IMAGE" \
		sh -c 'cat /a/b/c/file; grep /a/b/c /proc/self/mountinfo'
	expect_text there master:
}

@test "read-only, tmpfs, shm, devices and sysctls" {
	run in_rm --read-only "$IMAGE" sh -c 'touch /x; touch /tmp/x /dev/shm/x /run/x && echo these'
	expect_text "/x: Read-only file system" these
	run in_rm --read-only --read-only-tmpfs=false "$IMAGE" touch /tmp/x
	expect_text "Read-only file system"
	run in_rm --tmpfs /t:size=1m,mode=700 --shm-size 2m "$IMAGE" \
		sh -c 'grep -E " /t | /dev/shm " /proc/mounts; stat -c %a /t'
	expect_text size=1024k size=2048k 700
	run in_rm --device /dev/null:/dev/other:rw "$IMAGE" sh -c 'stat -c %t:%T /dev/other; echo x >/dev/other'
	expect_status 0
	expect_output 1:3
	run in_rm --sysctl kernel.shmmax=12345 "$IMAGE" cat /proc/sys/kernel/shmmax
	expect_output 12345
}

@test "capabilities, and no new ones" {
	run in_rm --cap-drop all --cap-add net_bind_service "$IMAGE" grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status
	expect_equal "$(grep -c 0000000000000400 <<<"$output")" 3
	run in_rm --cap-add net_raw --user user "$IMAGE" grep -E 'CapEff|CapAmb' /proc/self/status
	expect_equal "$(grep -c 0000000000002000 <<<"$output")" 2
	run in_rm --privileged "$IMAGE" sh -c 'mount -t tmpfs none /tmp && echo mounted'
	expect_output mounted
	run in_rm --security-opt no-new-privileges "$IMAGE" grep NoNewPrivs /proc/self/status
	expect_match '1$'
	run in_rm --security-opt mask=/etc/motd --security-opt unmask=/proc/kcore "$IMAGE" cat /etc/motd
	expect_output ""
}

@test "seccomp: podman's profile, another, none" {
	run in_rm "$IMAGE" sh -c 'grep Seccomp: /proc/self/status; unshare -m true'
	expect_text 2 "Operation not permitted"
	echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{ "names": ["mkdir", "mkdirat"],
		"action": "SCMP_ACT_ERRNO", "errnoRet": 28 }]}' >"$T/profile.json"
	run in_rm --security-opt "seccomp=$T/profile.json" "$IMAGE" mkdir /x
	expect_text "No space left on device"
	run in_rm --security-opt seccomp=unconfined "$IMAGE" grep Seccomp: /proc/self/status
	expect_match '0$'
}

@test "hooks of every stage, in their order" {
	local stage
	mkdir "$T/hooks"
	for stage in prestart createRuntime createContainer startContainer poststart poststop; do
		jq -n --arg stage "$stage" --arg log "$T/log" '{ version: "1.0.0", stages: [$stage],
			when: { always: true }, hook: { path: "/bin/sh", args: ["sh", "-c",
			"cat >/dev/null; echo " + $stage + " >>" + $log] } }' >"$T/hooks/$stage.json"
	done
	run podman --hooks-dir "$T/hooks" run --rm --volume "$T:$T" "$IMAGE" true
	expect_status 0
	expect_file "$T/log" $'prestart\ncreateRuntime\ncreateContainer\nstartContainer\npoststart\npoststop'
}

@test "an init process of podman's" {
	run in_rm --init "$IMAGE" cat /proc/1/comm
	expect_output podman-init
}

@test "a pod, and what its containers share" {
	[[ $(stat -f -c %T /sys/fs/cgroup) != cgroup2fs ]] ||
		skip "the rule of devices that podman 4.3 gives a pod in v2 allows none"
	podman pod create --name "$NAME-pod" --share ipc,uts,pid --hostname of-the-pod --cgroup-parent "$PARENT"
	podman run --detach --pod "$NAME-pod" --name "$NAME-a" "$IMAGE" tail -f /dev/null >/dev/null
	run podman run --rm --pod "$NAME-pod" --name "$NAME-b" "$IMAGE" sh -c 'hostname; cat /proc/1/comm'
	expect_output $'of-the-pod\ncatatonit'
	podman pod stop --time 0 "$NAME-pod"
	podman pod start "$NAME-pod"
	run podman pod inspect --format '{{.State}}' "$NAME-pod"
	expect_match 'Running|Degraded'
	run podman pod rm --force --time 0 "$NAME-pod"
	expect_status 0
}

@test "namespaces of another container, and of the host" {
	idle --hostname of-the-other --ipc shareable
	run podman run --rm --pid "container:$NAME" --ipc "container:$NAME" --uts "container:$NAME" \
		--network "container:$NAME" "$IMAGE" sh -c 'hostname; cat /proc/1/comm; ls -l /proc/self/ns'
	expect_text of-the-other tail
	local kind
	for kind in pid ipc uts net; do
		expect_text "$(podman exec "$NAME" readlink "/proc/self/ns/$kind")"
	done
	run podman run --rm --pid host --ipc host --uts host --network host "$IMAGE" \
		sh -c 'for i in pid ipc uts net; do readlink /proc/self/ns/$i; done'
	expect_output "$(for kind in pid ipc uts net; do readlink "/proc/self/ns/$kind"; done)"
	run podman run --rm --cgroupns private "$IMAGE" cat /proc/self/cgroup
	expect_no_text libpod
}

@test "no cgroup, no conmon's cgroup, one that is given" {
	requires_controller pids
	run in_rm --cgroups disabled "$IMAGE" cat /proc/self/cgroup
	expect_no_text libpod
	run in_rm --cgroups no-conmon "$IMAGE" cat /proc/self/cgroup
	expect_text "pids:$PARENT/libpod-"
}

@test "a user namespace: given maps, one of its own" {
	run in_rm --uidmap 0:100000:5000 --gidmap 0:200000:5000 "$IMAGE" \
		sh -c 'cat /proc/self/uid_map /proc/self/gid_map; stat -c %u:%g /etc/passwd; touch /new'
	expect_status 0
	expect_match '0 +100000 +5000'
	expect_match '0 +200000 +5000'
	expect_text 0:0
	give_ids containers
	run in_rm --userns auto:size=2000 "$IMAGE" cat /proc/self/uid_map
	expect_match '0 +300000 +2000'
}

@test "a directory as root, also below an overlay" {
	cp -a "$ROOTFS" "$T/rootfs"
	run in_rm --rootfs "$T/rootfs" sh -c 'cat /etc/motd; touch /new'
	expect_output "from the image"
	[[ -e $T/rootfs/new ]]
	run in_rm --rootfs "$T/rootfs:O" sh -c 'rm /new; touch /newer; ls /newer'
	expect_output /newer
	[[ -e $T/rootfs/new && ! -e $T/rootfs/newer ]]
}

@test "a podman that is killed leaves a container that goes on" {
	podman run --cgroup-parent "$PARENT" --name "$NAME" "$IMAGE" tail -f /dev/null 3>&- >/dev/null &
	wait_for_output running podman inspect --format '{{.State.Status}}' "$NAME"
	kill -9 "$!"
	run podman exec "$NAME" echo "still there"
	expect_output "still there"
	# Without conmon nobody hears of the container's end.
	kill -9 "$(inspect .State.ConmonPid)"
	run podman exec "$NAME" echo "still there"
	expect_output "still there"
	local id
	id=$(inspect .Id)
	run podman rm --force --time 0 "$NAME"
	expect_status 0
	# Podman leaves to conmon what has to be done then, and so nobody does it.
	"$MINIRUN" delete --force "$id"
	idle
	run podman exec "$NAME" echo again
	expect_output again
}

@test "20 at once" {
	local i jobs=()
	for ((i = 0; i < 20; i++)); do
		podman run --rm --cgroup-parent "$PARENT" "$IMAGE" echo "number $i" >"$T/$i" 3>&- &
		jobs+=("$!")
	done
	for i in "${!jobs[@]}"; do
		wait "${jobs[i]}"
		expect_file "$T/$i" "number $i"
	done
	[[ -z $(podman ps --all --quiet) ]]
}
