#!/usr/bin/env bats
# The layer store: what is in it, who uses it, what may go, and whether it is what it was.
# shellcheck disable=SC2016,SC2030,SC2031 # quoted for the container or jq; a test is a subshell

load lib/bundle

setup() {
	bundle_setup
	T=$BATS_TEST_TMPDIR
	STORE=$DATA/layers/sha256
}

# A tar with a file of that text; sets LAYER to the name that it gets in the store.
make_tar() { # NAME TEXT
	mkdir -p "$T/tree"
	echo "$2" >"$T/tree/$1"
	tar --create --file "$T/$1.tar" --directory "$T/tree" "$1"
	LAYER=$(sha256sum <"$T/$1.tar" | cut -d' ' -f1)
}

# A bundle with that tar over the image.
tar_bundle() { # NAME
	make_bundle '.root.overlay.lower = [$tar, $image]' --arg tar "$T/$1.tar" --arg image "$IMAGE"
}

@test "list tells the layers and their containers, of other roots too" {
	run minirun layers list --quiet
	expect_status 0
	expect_output ""
	make_tar one text
	tar_bundle one
	start_idle
	run minirun layers list
	expect_status 0
	expect_equal "${#lines[@]}" 2
	expect_match "^LAYER +SIZE +UNPACKED +CONTAINERS"
	expect_match "${LAYER:0:12} +[0-9.]+ kB +20[0-9-]+T[0-9:]+ +$ID\$"
	run "$MINIRUN" --root "$T/other" --data-root "$DATA" layers list
	expect_text "$ROOT/$ID"
	expect_equal "$(minirun layers list --quiet)" "$LAYER"
	minirun layers list --format json >"$T/json"
	expect_equal "$(jq -c 'map([.name, .path, .containers, .entries])' "$T/json")" \
		"[[\"$LAYER\",\"$STORE/$LAYER\",[\"$ROOT/$ID\"],2]]"
	run minirun layers show "sha256:${LAYER:0:9}"
	expect_status 0
	expect_match "layer +$LAYER"
	expect_match "containers +$ID"
	expect_text "$(jq -r '.[0].tree' "$T/json")"
	expect_equal "$(minirun layers show --format json "$LAYER" | jq -c .)" "$(jq -c '.[0]' "$T/json")"
	minirun delete --force "$ID"
	run minirun layers list
	expect_match ' -$'
}

@test "a layer in use stays, whoever uses it in whatever way; then it goes" {
	make_tar one text
	tar_bundle one
	start_idle
	remove_fails() { # ARGUMENT...
		run "$MINIRUN" "$@" layers remove "$LAYER"
		expect_status 1
		expect_equal "${#lines[@]}" 2
		expect_text "kept layer '$LAYER': in use by container " "$ID" "1 of the layers could not be removed"
		[[ -f $STORE/$LAYER/one ]]
	}
	remove_fails --root "$ROOT" --data-root "$DATA"
	remove_fails --root "$T/other" --data-root "$DATA"
	minirun kill "$ID" KILL
	remove_fails --root "$T/other" --data-root "$DATA"
	minirun delete --force "$ID"
	# By its directory, and of a container whose changes are elsewhere.
	rm "$BUNDLE/config.json"
	make_bundle '.root.overlay.lower = [$layer, $image]' --arg layer "$STORE/$LAYER" --arg image "$IMAGE"
	"$MINIRUN" --root "$ROOT" --data-root "$T/elsewhere" create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null
	remove_fails --root "$ROOT" --data-root "$DATA"
	minirun delete --force "$ID"
	run minirun layers remove --dry-run "$LAYER" "$LAYER"
	expect_status 0
	expect_output "would remove layer '$LAYER'"
	run minirun layers remove "${LAYER:0:8}"
	expect_status 0
	expect_output "removed layer '$LAYER'"
	expect_equal "$(find "$DATA" -mindepth 1 ! -type d)" ""
	expect_equal "$(find "$DATA/containers" "$STORE" -mindepth 1)" ""
}

@test "all that nobody uses goes with --unused, and a tar is unpacked anew" {
	make_tar two text
	tar_bundle two
	edit_config '.process.args = ["cat", "/two"]'
	run minirun run --bundle "$BUNDLE" "$ID-b"
	expect_output text
	unused=$LAYER
	rm "$BUNDLE/config.json"
	make_tar one text
	tar_bundle one
	start_idle
	run minirun layers remove --unused --format json
	expect_status 0
	expect_equal "$(jq -c 'map([.name, .state]) | sort' <<<"$output")" \
		"$(jq -nc '[[$one, "kept"], [$two, "removed"]] | sort' --arg one "$LAYER" --arg two "$unused")"
	expect_equal "$(minirun layers list --quiet)" "$LAYER"
	rm "$BUNDLE/config.json"
	tar_bundle two
	edit_config '.process.args = ["cat", "/two"]'
	run minirun run --bundle "$BUNDLE" "$ID-b"
	expect_output text
}

@test "while a container is being created its layers cannot go" {
	requires "strace is missing" command -v strace
	make_tar one text
	tar_bundle one
	mkfifo "$T/events"
	# Stopped when it has unpacked the tar and not yet said so in its record.
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$T/events" -e trace=symlinkat -e signal=SIGSTOP \
		-e inject=symlinkat:signal=SIGSTOP:when=2 "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
		create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>"$T/errors" 3>&- &
	tracer=$!
	exec 8<"$T/events"
	while read -r -t 20 creator event <&8; do
		[[ $event != *"stopped by SIGSTOP"* ]] || break
	done
	[[ -d $STORE/$LAYER ]]
	"$MINIRUN" --root "$T/other" --data-root "$DATA" layers remove "$LAYER" >"$T/output" 2>&1 3>&- &
	remover=$!
	# It waits for the lock.
	waited=0
	until [[ $(cat "/proc/$remover/wchan" 2>/dev/null) == *lock* || $waited -gt 1000000 ]]; do
		waited=$((waited + 1))
	done
	[[ $waited -le 1000000 && -d $STORE/$LAYER ]]
	kill -CONT "$creator"
	cat <&8 >/dev/null 3>&- &
	status=0
	wait "$remover" || status=$?
	cat "$T/output"
	expect_status 1
	output=$(<"$T/output")
	echo "$output"
	expect_text "kept layer '$LAYER': in use by container $ROOT/$ID"
	[[ -f $STORE/$LAYER/one ]]
	minirun delete --force "$ID"
	exec 8<&-
	wait "$tracer" || true
}

@test "names that are none, and what does not go together" {
	make_tar one text
	tar_bundle one
	edit_config '.process.args = ["true"]'
	minirun run --bundle "$BUNDLE" "$ID"
	local words
	while read -r -a words; do
		run minirun layers "${words[@]}"
		expect_status 1
		expect_one_line
	done <<-END
		remove
		remove --unused $LAYER
		remove $LAYER nothing
		remove $LAYER ""
		show
		show $LAYER $LAYER
		show nothing
		show oci:$T/nothing
		show oci-archive:$T/nothing
		verify nothing
		list $LAYER
		list --unused
		show --quiet $LAYER
		list --format yaml
		other
	END
	run minirun layers remove ""
	expect_status 1
	run minirun layers
	expect_status 1
	expect_equal "$(minirun layers list --quiet)" "$LAYER"
}

@test "verify finds what is not what it was, and nothing else" {
	make_tar one text
	mkdir "$T/tree/d"
	ln "$T/tree/one" "$T/tree/d/link"
	mkfifo "$T/tree/d/fifo"
	tar --create --file "$T/one.tar" --directory "$T/tree" .
	LAYER=$(sha256sum <"$T/one.tar" | cut -d' ' -f1)
	tar_bundle one
	edit_config '.process.args = ["true"]'
	local change
	for change in 'echo Text >one; touch -d @1 one' 'chmod u+s one' 'chown 1 d' 'touch -d @5 d/fifo' 'rm d/fifo' \
		'touch new' 'rm d/link; cp -p one d/link; touch -d @1 d' 'mknod two c 0 0' \
		'python3 -c "import os; os.setxattr(\"one\", \"user.new\", b\"\")"'; do
		minirun run --bundle "$BUNDLE" "$ID"
		run minirun layers verify
		expect_status 0
		expect_output "unchanged layer '$LAYER'"
		(cd "$STORE/$LAYER" && eval "$change")
		run minirun layers verify "$LAYER"
		expect_status 1
		expect_text "changed layer '$LAYER': its tree is sha256:" "1 of 1 layers are not known to be what they were"
		minirun layers remove "$LAYER" >/dev/null
	done
	minirun run --bundle "$BUNDLE" "$ID"
	expect_equal "$(minirun layers verify --quiet)" ""
	expect_equal "$(minirun layers verify --format json | jq -c 'map([.state, .name])')" "[[\"unchanged\",\"$LAYER\"]]"
	rm "$DATA/layers/records/$LAYER"
	run minirun layers verify --quiet
	expect_status 1
	expect_text "unknown layer '$LAYER': nothing is on record"
	run minirun layers list
	expect_status 0
	expect_match "${LAYER:0:12} +- +- +-"
}

@test "an image is shown layer by layer, with those that are in the store" {
	make_tar one text
	tar_bundle one
	start_idle
	minirun commit --quiet "$ID" "oci:$T/image:base"
	minirun exec "$ID" touch /new
	minirun commit --quiet --compress gzip --base "oci:$T/image:base" "$ID" "oci:$T/image:top"
	run minirun layers show "oci:$T/image"
	expect_status 1
	expect_one_line
	minirun layers show --format json "oci:$T/image:top" >"$T/json"
	manifest=$(jq -r '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == "top").digest' \
		"$T/image/index.json")
	manifest=$T/image/blobs/sha256/${manifest#sha256:}
	config=$(jq -r .config.digest "$manifest")
	expect_equal "$(jq -r .config "$T/json")" "$config"
	expect_equal "$(jq -c '[.layers[] | [.digest, .size]]' "$T/json")" "$(jq -c '[.layers[] | [.digest, .size]]' "$manifest")"
	jq -r '.rootfs.diff_ids[]' "$T/image/blobs/sha256/${config#sha256:}" >"$T/diff_ids"
	expect_equal "$(jq -r '.layers[].diffId' "$T/json")" "$(<"$T/diff_ids")"
	chain=sha256:$(paste -sd' ' "$T/diff_ids" | tr -d '\n' | sha256sum | cut -d' ' -f1)
	expect_equal "$(jq -c '[.layers[] | [.chainId, .parent]]' "$T/json")" \
		"$(jq -nc '[[$low, null], [$chain, $low]]' --arg low "$(head -n 1 "$T/diff_ids")" --arg chain "$chain")"
	expect_equal "$(jq -c '[.layers[].layer]' "$T/json")" '[null,null]'
	# Unpacked, they have their chain ids as names.
	minirun unpack --quiet "oci:$T/image:top" "$T/unpacked"
	minirun layers show --format json "oci:$T/image:top" >"$T/json"
	expect_equal "$(jq -r '.layers[].layer.path' "$T/json")" "$(jq -r --arg store "$STORE" \
		'.layers[].chainId | $store + "/" + ltrimstr("sha256:")' "$T/json")"
	# shellcheck disable=SC2046 # a word each
	minirun layers verify $(jq -r '.layers[].chainId' "$T/json") >"$T/verified"
	expect_equal "$(grep -c ^unchanged "$T/verified")" 2
	# shellcheck disable=SC2046 # a word each
	minirun layers remove $(jq -r '.layers[].chainId' "$T/json") >/dev/null
	# Its files as lowers.
	rm "$BUNDLE/config.json"
	minirun delete --force "$ID"
	make_bundle '.root.overlay.lower = $lowers' --argjson lowers \
		"$(jq -c --arg image "$T/image" '[.layers[].digest | ltrimstr("sha256:") | $image + "/blobs/sha256/" + .] | reverse' "$manifest")"
	start_idle
	minirun layers show --format json "oci:$T/image:top" >"$T/json"
	expect_equal "$(jq -c '[.layers[].layer.containers]' "$T/json")" "[[\"$ROOT/$ID\"],[\"$ROOT/$ID\"]]"
	run minirun layers show "oci:$T/image:top"
	expect_status 0
	expect_match "config +$config"
	expect_match "chain id +$chain"
	expect_match "directory +$STORE/"
	expect_match "containers +$ID"
}

@test "a removal that is killed leaves what gc takes away" {
	requires "strace is missing" command -v strace
	make_tar one text
	tar_bundle one
	edit_config '.process.args = ["true"]'
	minirun run --bundle "$BUNDLE" "$ID"
	run strace -o "$T/trace" -e inject=flock:signal=SIGKILL:when=2 "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
		layers remove "$LAYER"
	[[ $status -ne 0 ]]
	expect_equal "$(minirun layers list --quiet)" ""
	[[ -n $(find "$DATA/containers" -name one) ]]
	run minirun gc
	expect_status 0
	expect_text "an earlier removal was interrupted"
	expect_equal "$(find "$DATA/containers" -mindepth 1)" ""
}
