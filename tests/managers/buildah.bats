#!/usr/bin/env bats
# Buildah: that it is minirun which runs what it builds, nobody notices.
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is for the container

load ../lib/manager
load ../lib/podman

IMAGE=localhost/test:1

manager_start() {
	manager_requires buildah
	export CONTAINERS_CONF=$PLACE/containers.conf CONTAINERS_STORAGE_CONF=$PLACE/storage.conf
	podman_configuration >"$CONTAINERS_CONF"
	cat >"$CONTAINERS_STORAGE_CONF" <<-END
		[storage]
		driver = "vfs"
		graphroot = "$PLACE/storage"
		runroot = "/run/buildah-storage"
	END
	local id
	id=$(buildah from scratch)
	buildah add --quiet "$id" "$ROOTFS" / >/dev/null
	buildah commit --quiet --rm "$id" "$IMAGE" >/dev/null
}

manager_stop() {
	buildah rmi --all --force >/dev/null
}

manager_clean() {
	buildah rm --all >/dev/null
	expect_no_containers
}

run_in() { # BUILDAH ARGUMENT...
	buildah run --isolation oci --runtime "$MINIRUN" --network none "$@"
}

@test "run: output, exit status, user, directory and environment" {
	buildah from --name "$NAME" "$IMAGE"
	run run_in "$NAME" echo hello
	expect_output hello
	run run_in "$NAME" sh -c 'exit 7'
	expect_status 7
	run run_in --user user --workingdir /etc --env A=b --hostname there "$NAME" \
		sh -c 'id -u; pwd; echo $A; hostname'
	expect_output $'1000\n/etc\nb\nthere'
	run run_in "$NAME" cat <<<"through the input"
	expect_output "through the input"
}

@test "run: what cannot be executed is told in runc's words" {
	buildah from --name "$NAME" "$IMAGE"
	run run_in "$NAME" absent
	[[ $status -ne 0 ]]
	expect_text 'exec: "absent": executable file not found in $PATH'
}

@test "run with a terminal" {
	buildah from --name "$NAME" "$IMAGE"
	run script --quiet --return --command "buildah run --isolation oci --runtime $MINIRUN \
		--network none --tty $NAME tty" /dev/null <>"$PLACE/never"
	expect_status 0
	expect_text /dev/pts/0
}

@test "run: volumes, capabilities, what a command changes stays" {
	buildah from --name "$NAME" "$IMAGE"
	mkdir "$T/volume"
	run_in --volume "$T/volume:/v" "$NAME" touch /v/new
	[[ -e $T/volume/new ]]
	run run_in --volume "$T/volume:/v:ro" "$NAME" touch /v/more
	expect_text "Read-only file system"
	run run_in --cap-drop CAP_CHOWN "$NAME" chown 1 /etc/motd
	expect_text "not permitted"
	run_in "$NAME" sh -c 'echo changed >/changed'
	run run_in "$NAME" cat /changed
	expect_output changed
}

@test "build" {
	printf 'FROM %s\nRUN echo built >/built\nUSER user\nRUN --mount=type=tmpfs,dst=/t id -un >/tmp/user; touch /t/x\n' \
		"$IMAGE" >"$T/Dockerfile"
	run buildah bud --isolation oci --runtime "$MINIRUN" --network none --cgroup-parent "$PARENT" \
		--memory 64m --ulimit nofile=100:100 --tag localhost/built:1 "$T"
	expect_status 0
	buildah from --name "$NAME" localhost/built:1
	run run_in "$NAME" cat /built /tmp/user
	expect_output $'built\nuser'
}
