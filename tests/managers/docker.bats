#!/usr/bin/env bats
# Docker: that it is minirun which runs its containers, nobody notices.
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is for the container

bats_require_minimum_version 1.5.0

load ../lib/manager

IMAGE=test:1

manager_start() {
	manager_requires dockerd docker containerd containerd-shim-runc-v2
	export DOCKER_HOST=unix:///run/docker.sock DOCKER_BUILDKIT=0 DOCKER_CONFIG=$PLACE
	cat >"$PLACE/daemon.json" <<-END
		{ "runtimes": { "minirun": { "path": "$MINIRUN" } }, "default-runtime": "minirun",
		  "iptables": false, "ip6tables": false, "bridge": "none", "storage-driver": "overlay2",
		  "data-root": "$PLACE/docker", "live-restore": true, "cgroup-parent": "$PARENT",
		  "default-ulimits": { "nofile": { "Name": "nofile", "Soft": 1024, "Hard": 1024 } } }
	END
	docker_start
	docker import "$PLACE/rootfs.tar" "$IMAGE" >/dev/null
}

docker_start() {
	# Its containerd has it for its child, whose end would not be waited for.
	dockerd --config-file "$PLACE/daemon.json" >>"$PLACE/log" 2>&1 3>&- </dev/null &
	echo "$!" >"$PLACE/pid"
	wait_for_output "Server Version" docker info
}

manager_stop() {
	kill "$(<"$PLACE/pid")"
	wait_end "$(<"$PLACE/pid")"
}

manager_clean() {
	local all
	all=$(docker ps --all --quiet)
	# shellcheck disable=SC2086 # a list of ids
	[[ -z $all ]] || docker rm --force $all >/dev/null
}

container() { # DOCKER ARGUMENT...
	docker run --network none --name "$NAME" "$@"
}

in_rm() { # DOCKER ARGUMENT...
	docker run --rm --network none "$@"
}

idle() { # DOCKER ARGUMENT...
	container --detach "$@" "$IMAGE" tail -f /dev/null >/dev/null
}

inspect() { # FORMAT
	docker inspect --format "{{$1}}" "$NAME"
}

# A file of the container's cgroup, by its name in v1 and in v2.
value() { # CONTROLLER V1FILE V2FILE
	local id
	id=$(inspect .Id)
	cat "/sys/fs/cgroup/$1$PARENT/$id/$2" 2>/dev/null || cat "/sys/fs/cgroup$PARENT/$id/$3"
}

@test "run: output, input, exit status, user, directory and environment" {
	run in_rm "$IMAGE" echo hello
	expect_output hello
	run in_rm "$IMAGE" sh -c 'exit 7'
	expect_status 7
	run in_rm --interactive "$IMAGE" tr a-z A-Z <<<"through the input"
	expect_output "THROUGH THE INPUT"
	run in_rm --user user --group-add 42 --workdir /made --env A=b --hostname there "$IMAGE" \
		sh -c 'id -u; id -G; pwd; echo $A; hostname'
	expect_output $'1000\n1000 42\n/made\nb\nthere'
}

@test "run: what cannot be executed has the status that docker gives it" {
	run -127 in_rm "$IMAGE" /absent
	expect_text 'exec: "/absent": stat /absent: no such file or directory'
	run -127 in_rm "$IMAGE" absent
	expect_text 'exec: "absent": executable file not found in $PATH'
	run -126 in_rm "$IMAGE" /etc/passwd
	expect_text 'exec: "/etc/passwd": permission denied'
}

@test "run with a terminal" {
	run script --quiet --return --command "docker run --rm --network none -it $IMAGE tty" /dev/null <>"$PLACE/never"
	expect_status 0
	expect_text /dev/pts/0
}

@test "run --detach, logs, wait, start again, rm" {
	mkfifo -m 666 "$T/end"
	container --detach --volume "$T:/pipes" "$IMAGE" \
		sh -c 'echo one; echo two >&2; read line </pipes/end; echo $line; exit 3'
	expect_equal "$(inspect .State.Status)" running
	echo three >"$T/end"
	run docker wait "$NAME"
	expect_output 3
	run docker logs "$NAME"
	expect_text one two three
	docker start "$NAME"
	echo four >"$T/end"
	run docker wait "$NAME"
	expect_output 3
	run docker rm "$NAME"
	expect_status 0
}

@test "exec: with and without a terminal, as a user, in a directory, detached" {
	idle --env A=b
	run docker exec "$NAME" sh -c '[ ! -t 1 ]; echo $? $A'
	expect_output "0 b"
	run docker exec --tty "$NAME" tty
	expect_text /dev/pts/
	run docker exec --user user --workdir /etc --env C=d "$NAME" sh -c 'id -un; pwd; echo $C'
	expect_output $'user\n/etc\nd'
	run docker exec --interactive "$NAME" cat <<<"through"
	expect_output through
	run docker exec "$NAME" sh -c 'exit 9'
	expect_status 9
	docker exec --detach "$NAME" sh -c 'echo done >/done'
	wait_for_output "done" docker exec "$NAME" cat /done
	run docker exec --privileged "$NAME" grep CapEff /proc/self/status
	expect_no_text 00000000a80425fb
}

@test "exec: what cannot be executed has the status that docker gives it" {
	idle
	run -126 docker exec "$NAME" /absent
	expect_text 'exec: "/absent": stat /absent: no such file or directory'
	run -126 docker exec "$NAME" absent
	expect_text 'exec: "absent": executable file not found in $PATH'
	run -126 docker exec "$NAME" /etc/passwd
	expect_text 'exec: "/etc/passwd": permission denied'
}

@test "stop, kill, restart" {
	container --detach "$IMAGE" sh -c 'trap "exit 5" TERM; echo up; while :; do read -t 1; done'
	wait_for_output up docker logs "$NAME"
	docker stop "$NAME"
	expect_equal "$(inspect .State.ExitCode)" 5
	docker start "$NAME"
	docker restart --time 0 "$NAME"
	expect_equal "$(inspect .State.Status)" running
	docker kill "$NAME"
	expect_equal "$(docker wait "$NAME")" 137
	run docker kill "$NAME"
	expect_text "is not running"
}

@test "pause and unpause" {
	idle
	docker pause "$NAME"
	expect_equal "$(inspect .State.Status)" paused
	run docker exec "$NAME" true
	expect_text "is paused"
	docker unpause "$NAME"
	run docker exec "$NAME" echo "on it goes"
	expect_output "on it goes"
}

@test "update, stats and top" {
	requires_controller memory
	idle --memory 64m --memory-swap 64m
	docker update --memory 32m --memory-swap 32m "$NAME"
	expect_equal "$(value memory memory.limit_in_bytes memory.max)" $((32 << 20))
	docker update --cpu-shares 512 --pids-limit 50 "$NAME"
	expect_equal "$(value memory memory.limit_in_bytes memory.max)" $((32 << 20))
	expect_equal "$(value cpu cpu.shares cpu.weight)" 512
	expect_equal "$(value pids pids.max pids.max)" 50
	run docker stats --no-stream --format '{{.Name}} {{.PIDs}} {{.MemUsage}}' "$NAME"
	expect_text "$NAME 1 " "/ 32MiB"
	run docker top "$NAME"
	expect_text "tail -f /dev/null"
}

@test "limits: memory, cpu, pids and cpus are the container's" {
	requires_controller memory
	idle --memory 64m --memory-reservation 32m --cpus 0.5 --pids-limit 20 --cpuset-cpus 0 \
		--ulimit nofile=100:200 --oom-score-adj 500 --shm-size 2m
	expect_equal "$(value memory memory.limit_in_bytes memory.max)" $((64 << 20))
	expect_equal "$(value cpu cpu.cfs_quota_us cpu.max)" 50000
	expect_equal "$(value pids pids.max pids.max)" 20
	expect_equal "$(value cpuset cpuset.cpus cpuset.cpus)" 0
	run docker exec "$NAME" sh -c 'ulimit -n; ulimit -Hn; cat /proc/1/oom_score_adj'
	expect_output $'100\n200\n500'
}

@test "a container that takes more memory than it may is killed" {
	requires_controller memory
	run container --memory 16m --memory-swap 16m "$IMAGE" tail /dev/zero
	expect_status 137
	expect_equal "$(inspect .State.OOMKilled)" true
}

@test "cp, diff, commit and export" {
	idle
	echo "from outside" >"$T/file"
	docker cp "$T/file" "$NAME:/etc/new"
	docker exec "$NAME" sh -c 'rm /etc/motd; echo inside >/inside'
	docker cp "$NAME:/inside" "$T/inside"
	expect_file "$T/inside" inside
	run docker diff "$NAME"
	expect_text "A /etc/new" "D /etc/motd" "A /inside"
	docker commit "$NAME" committed:1
	run in_rm committed:1 sh -c 'cat /etc/new; ls /etc/motd'
	expect_text "from outside" "No such file"
	docker export "$NAME" | tar -t | grep -qx etc/new
}

@test "build" {
	printf 'FROM %s\nRUN echo built >/built\nUSER user\nRUN id -un >/tmp/user\nCMD cat /built /tmp/user\n' \
		"$IMAGE" >"$T/Dockerfile"
	docker build --network none --quiet --tag built:1 "$T"
	run in_rm built:1
	expect_output $'built\nuser'
}

@test "volumes, read-only, tmpfs, devices, sysctls" {
	mkdir -m 777 "$T/volume"
	echo there >"$T/volume/file"
	run in_rm --volume "$T/volume:/v" "$IMAGE" sh -c 'cat /v/file; echo new >/v/new'
	expect_output there
	expect_file "$T/volume/new" new
	run in_rm --volume "$T/volume:/v:ro" "$IMAGE" touch /v/more
	expect_text "Read-only file system"
	run in_rm --volume named:/etc "$IMAGE" cat /etc/motd
	expect_output "from the image"
	run in_rm --read-only --tmpfs /t:size=1m "$IMAGE" sh -c 'touch /t/x && grep " /t " /proc/mounts; touch /x'
	expect_text size=1024k "/x: Read-only file system"
	run in_rm --device /dev/null:/dev/other:rw "$IMAGE" sh -c 'stat -c %t:%T /dev/other'
	expect_output 1:3
	run in_rm --sysctl kernel.shmmax=12345 "$IMAGE" cat /proc/sys/kernel/shmmax
	expect_output 12345
}

@test "capabilities, no new ones, seccomp" {
	run in_rm --cap-drop all --cap-add net_bind_service "$IMAGE" grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status
	expect_equal "$(grep -c 0000000000000400 <<<"$output")" 3
	run in_rm --security-opt no-new-privileges "$IMAGE" grep NoNewPrivs /proc/self/status
	expect_match '1$'
	run in_rm "$IMAGE" sh -c 'grep Seccomp: /proc/self/status; unshare -m true'
	expect_text 2 "Operation not permitted"
	echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{ "names": ["mkdir", "mkdirat"],
		"action": "SCMP_ACT_ERRNO", "errnoRet": 28 }]}' >"$T/profile.json"
	run in_rm --security-opt "seccomp=$T/profile.json" "$IMAGE" mkdir /x
	expect_text "No space left on device"
	run in_rm --security-opt seccomp=unconfined "$IMAGE" grep Seccomp: /proc/self/status
	expect_match '0$'
}

@test "namespaces of another container, and of the host" {
	idle --ipc shareable
	run in_rm --pid "container:$NAME" --ipc "container:$NAME" "$IMAGE" cat /proc/1/comm
	expect_output tail
	run docker run --rm --pid host --ipc host --uts host --network host "$IMAGE" \
		sh -c 'for i in pid ipc uts net; do readlink /proc/self/ns/$i; done'
	expect_output "$(for kind in pid ipc uts net; do readlink "/proc/self/ns/$kind"; done)"
}

@test "containers go on when dockerd is killed, and it knows them again" {
	idle
	local pid
	pid=$(inspect .State.Pid)
	kill -9 "$(<"$PLACE/pid")"
	wait_end "$(<"$PLACE/pid")"
	docker_start
	expect_equal "$(inspect .State.Pid)" "$pid"
	run docker exec "$NAME" echo "still there"
	expect_output "still there"
	run docker stop --time 0 "$NAME"
	expect_status 0
}

@test "20 at once" {
	local i jobs=()
	for ((i = 0; i < 20; i++)); do
		in_rm "$IMAGE" echo "number $i" >"$T/$i" 3>&- </dev/null &
		jobs+=("$!")
	done
	for i in "${!jobs[@]}"; do
		wait "${jobs[i]}"
		expect_file "$T/$i" "number $i"
	done
}
