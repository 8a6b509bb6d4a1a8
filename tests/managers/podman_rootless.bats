#!/usr/bin/env bats
# Podman of an ordinary user: nobody, with ids from /etc/subuid, and without any cgroup.
# shellcheck disable=SC2016,SC2154 # what stands in single quotes is for the container

load ../lib/manager
load ../lib/podman

IMAGE=localhost/test:1
USER_ID=65534

manager_start() {
	local way=$PLACE
	manager_requires podman conmon newuidmap
	export CONTAINERS_CONF=$PLACE/containers.conf
	podman_configuration >"$CONTAINERS_CONF"
	give_ids nobody
	mkdir -m 700 /run/user-of-test
	mkdir "$PLACE/home"
	chown "$USER_ID:$USER_ID" /run/user-of-test "$PLACE/home"
	while [[ $way != / ]]; do
		chmod o+x "$way"
		way=$(dirname "$way")
	done
	podman import --quiet "$PLACE/rootfs.tar" "$IMAGE" >/dev/null
}

manager_stop() {
	podman unshare rm -rf "$PLACE/home/.local"
	podman system migrate
	take_ids
}

manager_clean() {
	podman rm --all --force --time 0 >/dev/null
	[[ -z $(ls /run/user-of-test/minirun 2>/dev/null) ]]
}

podman() {
	(cd / && exec setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups --inh-caps=-all \
		env HOME="$PLACE/home" XDG_RUNTIME_DIR=/run/user-of-test podman "$@")
}

in_rm() { # PODMAN ARGUMENT...
	podman run --rm "$@"
}

@test "run, with the user as root and others from /etc/subuid" {
	run in_rm "$IMAGE" sh -c 'id -u; cat /proc/self/uid_map; exit 7'
	expect_status 7
	expect_match '^0'
	expect_match '0 +65534 +1'
	expect_match '1 +300000 +65536'
}

@test "keep-id: the user is the same inside and outside" {
	mkdir "$T/volume"
	chown "$USER_ID" "$T/volume"
	chmod o+x "$T"
	run in_rm --userns keep-id --volume "$T/volume:/v" "$IMAGE" sh -c 'id -u; touch /v/new; whoami'
	expect_status 0
	expect_match "^$USER_ID"
	expect_equal "$(stat -c %u "$T/volume/new")" "$USER_ID"
}

@test "run --detach, exec, logs, cp, stop" {
	podman run --detach --name "$NAME" "$IMAGE" sh -c 'echo up; exec tail -f /dev/null'
	wait_for_output up podman logs "$NAME"
	run podman exec --tty --user user "$NAME" sh -c 'id -un; tty'
	expect_text user /dev/pts
	podman exec "$NAME" sh -c 'echo inside >/file'
	podman cp "$NAME:/file" "$PLACE/home/file"
	expect_file "$PLACE/home/file" inside
	run podman kill "$NAME"
	expect_status 0
	run podman wait "$NAME"
	expect_output 137
	run podman start "$NAME"
	expect_status 0
}

@test "read-only, tmpfs, a directory as root and below an overlay" {
	run in_rm --read-only --tmpfs /t "$IMAGE" sh -c 'touch /t/x; touch /x'
	expect_text "/x: Read-only file system"
	cp -a "$ROOTFS" "$PLACE/home/rootfs"
	chown -R "$USER_ID:$USER_ID" "$PLACE/home/rootfs"
	run in_rm --rootfs "$PLACE/home/rootfs:O" sh -c 'touch /new; ls /new; cat /etc/motd'
	expect_output $'/new\nfrom the image'
	[[ ! -e $PLACE/home/rootfs/new ]]
}

@test "a pod, and what its containers share" {
	podman pod create --name "$NAME-pod" --share ipc,uts,pid --hostname of-the-pod
	run in_rm --pod "$NAME-pod" "$IMAGE" sh -c 'hostname; cat /proc/1/comm'
	expect_output $'of-the-pod\ncatatonit'
	run podman pod rm --force --time 0 "$NAME-pod"
	expect_status 0
}
