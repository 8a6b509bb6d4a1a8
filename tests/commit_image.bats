#!/usr/bin/env bats
# commit to an OCI image: what other programs find in it, and beside which others it comes.
# shellcheck disable=SC2016 # what stands in single quotes is for the container, jq or Python

load lib/bundle
load lib/commit

# What is in a layout: manifest, config and layers of a tag; by their digests, which are checked.
blob() { # LAYOUT DIGEST
	local file=$1/blobs/sha256/${2#sha256:}
	[[ "$(sha256sum <"$file")" == "${2#sha256:} "* ]] || fail "$2 has another content" >&2
	cat "$file"
}

manifest() { # LAYOUT TAG
	local digest
	digest=$(jq -er --arg tag "$2" '[.manifests[] |
		select(.annotations["org.opencontainers.image.ref.name"] == $tag) |
		select(.mediaType == "application/vnd.oci.image.manifest.v1+json")] |
		if length == 1 then .[0].digest else error end' "$1/index.json")
	blob "$1" "$digest"
}

config() { # LAYOUT TAG
	blob "$1" "$(manifest "$1" "$2" | jq -r .config.digest)"
}

# Every size, digest and diff_id of a tag; says the number of its layers.
expect_valid() { # LAYOUT TAG
	local count i layer
	expect_equal "$(<"$1/oci-layout")" '{"imageLayoutVersion":"1.0.0"}'
	count=$(manifest "$1" "$2" | jq '.layers | length')
	expect_equal "$(config "$1" "$2" | jq '.rootfs.diff_ids | length')" "$count"
	expect_equal "$(config "$1" "$2" | jq '[.history[] | select(.empty_layer != true)] | length')" "$count"
	for ((i = 0; i < count; i++)); do
		layer=$(manifest "$1" "$2" | jq -c ".layers[$i]")
		blob "$1" "$(jq -r .digest <<<"$layer")" >"$T/layer"
		expect_equal "$(stat -c %s "$T/layer")" "$(jq .size <<<"$layer")"
		case $(jq -r .mediaType <<<"$layer") in
		*+gzip) gzip -dc <"$T/layer" >"$T/layer.tar" ;;
		*+zstd) zstd -dqc <"$T/layer" >"$T/layer.tar" ;;
		*.tar) mv "$T/layer" "$T/layer.tar" ;;
		esac
		expect_equal "sha256:$(sha256sum <"$T/layer.tar" | cut -d' ' -f1)" \
			"$(config "$1" "$2" | jq -r ".rootfs.diff_ids[$i]")"
	done
	echo "$count"
}

# Unpacked by another program, as a tree.
unpacked() { # LAYOUT TAG
	rm -rf "$T/unpacked"
	umoci unpack --image "$1:$2" "$T/unpacked" >"$T/umoci.log" 2>&1 || { cat "$T/umoci.log"; return 1; }
	tar_py tree "$T/unpacked/rootfs"
}

# Times of links and of directories with whiteouts are not what umoci restores.
same_tree() { # FILE FILE
	diff <(cut -d' ' -f1-4,6- "$1") <(cut -d' ' -f1-4,6- "$2")
}

@test "the merged view is an image of one layer, with what its container runs" {
	make_layers
	edit_config '.process.env = ["PATH=/bin", "A=b=c"] | .process.cwd = "/etc" |
		.process.user = { uid: 7, gid: 8 }'
	edit_config '.process.args = ["sh", "-c", "true"]'
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >"$T/log" 2>&1
	run minirun commit --message "a message" --author "A <a@b>" "$ID" "oci:$T/image:some/tag-1"
	expect_status 0
	expect_one_line
	expect_match "oci:$T/image:some/tag-1: [0-9]+ entries, [0-9.]+ [kM]B, sha256:$(jq -r '.manifests[0].digest' "$T/image/index.json" | cut -d: -f2)"
	expect_equal "$(expect_valid "$T/image" some/tag-1)" 1
	config "$T/image" some/tag-1 >"$T/config"
	expect_equal "$(jq -c .config "$T/config")" \
		'{"User":"7:8","Env":["PATH=/bin","A=b=c"],"Cmd":["sh","-c","true"],"WorkingDir":"/etc"}'
	expect_equal "$(jq -c '[.os, .author, .rootfs.type, .history[0].comment, .history[0].author]' "$T/config")" \
		'["linux","A <a@b>","layers","a message","A <a@b>"]'
	expect_equal "$(ls "$T/image")" $'blobs\nindex.json\noci-layout'
	expect_equal "$(find "$T/image/blobs" -type f | wc -l)" 3
	minirun commit --quiet "$ID" "oci:$T/image"
	expect_equal "$(expect_valid "$T/image" latest)" 1
}

@test "skopeo reads and copies it, with its digests" {
	requires "skopeo is missing" command -v skopeo
	make_bundle
	start_idle
	for compress in none gzip zstd:1; do
		minirun commit --quiet --compress "$compress" --config Labels=a=b "$ID" "oci:$T/image:${compress%:1}"
		minirun commit --quiet --compress "$compress" "$ID" "oci-archive:$T/image-$compress.tar:tag"
		skopeo inspect "oci:$T/image:${compress%:1}" >"$T/inspected"
		expect_equal "$(jq -cr '[.Labels, .Os]' "$T/inspected")" '[{"a":"b"},"linux"]'
		skopeo --insecure-policy copy --quiet "oci:$T/image:${compress%:1}" "dir:$T/dir-$compress"
		skopeo --insecure-policy copy --quiet "oci-archive:$T/image-$compress.tar:tag" "dir:$T/archive-$compress"
	done
	expect_equal "$(jq '.manifests | length' "$T/image/index.json")" 3
}

@test "unpacked by umoci it is the merged view" {
	requires "umoci is missing" command -v umoci
	make_layers
	start_idle
	change_everything
	minirun commit --quiet "$ID" "$T/merged.tar" 2>"$T/warnings"
	tar_py state "$T/merged.tar" >"$T/merged"
	for compress in none gzip:1; do
		minirun commit --quiet --compress "$compress" "$ID" "oci:$T/image:tag" 2>"$T/warnings"
		unpacked "$T/image" tag >"$T/tree"
		same_tree "$T/merged" "$T/tree"
		[[ $(wc -l <"$T/tree") -gt 250 ]]
	done
}

@test "on top of its base it is the merged view too; the base stays as it was" {
	requires "umoci is missing" command -v umoci
	make_bundle '.process.args = ["sh", "-c", "mkdir /kept /again /gone; for f in /kept/a /kept/b /again/old /gone/x /removed; do
		echo $f >$f; done"]'
	minirun run --keep --bundle "$BUNDLE" "$ID"
	minirun commit --quiet --config Entrypoint='["/bin/sh"]' --config Env=A=1 --config Env=B=2 "$ID" "oci:$T/base:one"
	minirun commit --quiet "$ID" "$T/low.tar"
	minirun delete "$ID"
	mkdir "$T/lower"
	tar --extract --file "$T/low.tar" --directory "$T/lower"
	edit_config '.root.overlay.lower = [$lower]' --arg lower "$T/lower"
	start_idle
	in_container <<-'END'
		import shutil
		os.remove("kept/b")
		os.remove("removed")
		shutil.rmtree("gone")
		shutil.rmtree("again")
		os.mkdir("again")
		open("again/new", "w").close()
		os.chmod("etc/motd", 0o600)
	END
	before=$(config "$T/base" one)
	minirun commit --quiet --compress gzip --base "oci:$T/base:one" --config Env=B=3 --message second "$ID" "oci:$T/new:two"
	expect_equal "$(expect_valid "$T/new" two)" 2
	expect_equal "$(ls -A "$T/base")" $'blobs\nindex.json\noci-layout'
	minirun commit --quiet "$ID" "$T/merged.tar"
	tar_py state "$T/merged.tar" >"$T/merged"
	unpacked "$T/new" two >"$T/tree"
	same_tree "$T/merged" "$T/tree"
	config "$T/new" two >"$T/config"
	expect_equal "$(jq -c '[.config.Entrypoint, [.config.Env[] | select(. < "C")]]' "$T/config")" '[["/bin/sh"],["A=1","B=3"]]'
	expect_equal "$(jq -c '[.history[] | .comment]' "$T/config")" '[null,"second"]'
	expect_equal "$(jq -r '.rootfs.diff_ids[0]' "$T/config")" "$(jq -r '.rootfs.diff_ids[0]' <<<"$before")"
	layer=$(manifest "$T/base" one | jq -r '.layers[0].digest | ltrimstr("sha256:")')
	[[ $T/base/blobs/sha256/$layer -ef $T/new/blobs/sha256/$layer ]]
	# Into the base's own directory, and as an archive.
	minirun commit --quiet --base "oci:$T/base" "$ID" "oci:$T/base:three"
	expect_equal "$(expect_valid "$T/base" three)" 2
	expect_equal "$(expect_valid "$T/base" one)" 1
	expect_equal "$(config "$T/base" one)" "$before"
	minirun commit --quiet --base "oci:$T/base:three" "$ID" "oci-archive:$T/archive.tar:four"
	mkdir "$T/archive"
	tar --extract --file "$T/archive.tar" --directory "$T/archive"
	expect_equal "$(expect_valid "$T/archive" four)" 3
}

@test "a base's layer that is somebody else's, or on another file system, is copied" {
	make_bundle
	start_idle
	minirun commit --quiet "$ID" "oci:$T/base:one"
	layer=$(manifest "$T/base" one | jq -r '.layers[0].digest | ltrimstr("sha256:")')
	mkdir "$T/other"
	mount -t tmpfs tmpfs "$T/other"
	minirun commit --quiet --base "oci:$T/base" "$ID" "oci:$T/other/new:two"
	valid=$(expect_valid "$T/other/new" two)
	umount "$T/other"
	expect_equal "$valid" 2
	chown 1234 "$T/base/blobs/sha256/$layer"
	minirun commit --quiet --base "oci:$T/base" "$ID" "oci:$T/new:two"
	expect_equal "$(expect_valid "$T/new" two)" 2
	expect_equal "$(stat -c %u "$T/new/blobs/sha256/$layer")" 0
}

@test "an archive holds the same as a directory, and becomes whole at once" {
	make_bundle
	start_idle
	SOURCE_DATE_EPOCH=1000000000 minirun commit --quiet "$ID" "oci:$T/image:tag"
	echo old >"$T/image.tar"
	SOURCE_DATE_EPOCH=1000000000 minirun commit --quiet "$ID" "oci-archive:$T/image.tar:tag"
	mkdir "$T/archive"
	tar --extract --file "$T/image.tar" --directory "$T/archive"
	diff -r "$T/image" "$T/archive"
	expect_equal "$(config "$T/archive" tag | jq -r .created)" 2001-09-09T01:46:40.000000000Z
	expect_equal "$(find "$T" -maxdepth 1 -name '*minirun*')" ""
	for epoch in -1 x 1e3 ""; do
		run env SOURCE_DATE_EPOCH="$epoch" "$MINIRUN" --root "$ROOT" commit "$ID" "oci:$T/image:tag"
		expect_status 1
		expect_one_line
		expect_text "SOURCE_DATE_EPOCH: '$epoch' is no number of seconds"
	done
}

@test "compressed the same bytes come out each time, and say so" {
	make_bundle
	start_idle
	for compress in gzip gzip:9 zstd zstd:19; do
		run minirun commit --compress "$compress" "$ID" "$T/one"
		expect_text "sha256:$(sha256sum <"$T/one" | cut -d' ' -f1)"
		minirun commit --quiet --compress "$compress" "$ID" - >"$T/two"
		cmp "$T/one" "$T/two"
		"${compress%:*}" -dc <"$T/one" >"$T/plain"
		minirun commit --quiet "$ID" "$T/tar"
		cmp "$T/plain" "$T/tar"
	done
	for compress in gzip:0 gzip:10 zstd:20 none:1 xz zstd: "" :1; do
		run minirun commit --compress "$compress" "$ID" "$T/three"
		expect_status 1
		expect_one_line
		expect_text "option '--compress'"
	done
	expect_absent "$T/three"
}

@test "an image takes the place of the one with its tag, and of no other" {
	make_bundle
	start_idle
	minirun commit --quiet "$ID" "oci:$T/image:one"
	minirun commit --quiet "$ID" "oci:$T/image:two"
	jq -c '. + { annotations: { a: "b" } } | .manifests += [{ mediaType: "x/y", digest: "sha256:00", size: 12345678901234567890 }]' \
		"$T/image/index.json" | sed 's/12345678901234567000/12345678901234567890/' >"$T/index"
	cp "$T/index" "$T/image/index.json"
	two=$(manifest "$T/image" two)
	minirun commit --quiet --message new "$ID" "oci:$T/image:one"
	expect_equal "$(manifest "$T/image" two)" "$two"
	expect_equal "$(config "$T/image" one | jq -r '.history[0].comment')" new
	expect_equal "$(jq -c '[.annotations, (.manifests | length)]' "$T/image/index.json")" '[{"a":"b"},3]'
	grep -q 12345678901234567890 "$T/image/index.json"
}

@test "twenty at once in one new directory: all are there" {
	make_bundle '.process.args = ["true"]'
	minirun run --keep --bundle "$BUNDLE" "$ID"
	local number pids=()
	for number in {1..20}; do
		"$MINIRUN" --root "$ROOT" --data-root "$DATA" commit --quiet --author "$number" "$ID" "oci:$T/image:$number" &
		pids+=($!)
	done
	for number in "${pids[@]}"; do wait "$number"; done
	expect_equal "$(jq '.manifests | length' "$T/image/index.json")" 20
	for number in {1..20}; do
		expect_equal "$(config "$T/image" "$number" | jq -r .author)" "$number"
	done
	expect_equal "$(find "$T/image/blobs" -type f | wc -l)" 41
	expect_equal "$(ls -A "$T/image")" $'blobs\nindex.json\noci-layout'
}

@test "every key of the configuration, and what is none" {
	make_bundle '.process.env = ["PATH=/bin", "A=1", "B=2"]'
	start_idle
	minirun commit --quiet --config User=me --config ExposedPorts=80/tcp --config ExposedPorts=53/udp \
		--config Env=B=x=y --config Env=C= --config Entrypoint=/entry --config 'Cmd=["a", "b c"]' \
		--config Volumes=/v --config WorkingDir=/w --config Labels=l=m --config StopSignal=SIGINT \
		"$ID" "oci:$T/image:tag"
	expect_equal "$(config "$T/image" tag | jq -cS .config)" \
		'{"Cmd":["a","b c"],"Entrypoint":["/entry"],"Env":["PATH=/bin","A=1","B=x=y","C="],"ExposedPorts":{"53/udp":{},"80/tcp":{}},"Labels":{"l":"m"},"StopSignal":"SIGINT","User":"me","Volumes":{"/v":{}},"WorkingDir":"/w"}'
	for change in Nothing=x user=x User Env=x Env==x Labels=x 'Cmd=[1]' 'Cmd=["a"' Cmd; do
		run minirun commit --config "$change" "$ID" "oci:$T/other:tag"
		expect_status 1
		expect_one_line
		expect_text "option '--config'"
	done
	expect_absent "$T/other"
}

@test "what does not go together is refused before the container is looked at" {
	make_bundle
	start_idle
	mkdir "$T/full"
	touch "$T/full/file" "$T/file"
	local words
	while read -r -a words; do
		run minirun commit "${words[@]:1}" "$ID" "${words[0]}"
		expect_status 1
		expect_one_line
		expect_match "'--(base|config|author|message|diff)'|no image layout|cannot|no path|not a regular file|not the name of a file"
	done <<-END
		$T/image.tar --author=me
		$T/image.tar --message=text
		$T/image.tar --config=User=me
		- --base=oci:$T/base
		oci:$T/image --diff
		oci:$T/image --base=oci:$T/nothing
		oci:$T/image --base=oci-archive:$T/file
		oci:$T/image --base=$T/file
		oci:$T/image --base=oci:$T/full --merged
		oci:$T/full
		oci:$T/file
		oci:$T/no/such
		oci-archive:$T/full
		oci-archive:-
		oci::tag
		oci:$T/image:bad/
		oci:$T/image:-bad
		oci:$T/image:b..d
		oci:$T/image:
	END
	expect_absent "$T/image" "$T/image.tar"
	expect_equal "$(ls -A "$T/full")" file
}

@test "a base that is not right is refused, and so is one of several" {
	make_bundle
	start_idle
	minirun commit --quiet "$ID" "oci:$T/good:one"
	minirun commit --quiet --message x "$ID" "oci:$T/good:two"
	refused() { # TEXT [TAG]
		run minirun commit --base "oci:$T/base${2-:one}" "$ID" "oci:$T/image"
		expect_status 1
		expect_one_line
		expect_text "$1"
		expect_absent "$T/image"
		rm -rf "$T/base"
		cp -a "$T/good" "$T/base"
	}
	mkdir "$T/base"
	refused "is not an image layout"
	refused "it has 2 images (its tags: one, two)" ""
	refused "it has no tag 'three' (its tags: one, two)" :three
	echo '{"imageLayoutVersion":"2.0.0"}' >"$T/base/oci-layout"
	refused "version '2.0.0'"
	echo '[]' >"$T/base/index.json"
	refused "index.json: not a JSON object"
	sed -i 's/"digest":"sha256:..../"digest":"sha256:..\/./g' "$T/base/index.json"
	refused "is not a digest of SHA-256"
	sed -i 's/image.manifest.v1/image.index.v1/g' "$T/base/index.json"
	refused "is not what its descriptor says"
	config=$(manifest "$T/base" one | jq -r '.config.digest | ltrimstr("sha256:")')
	layer=$(manifest "$T/base" one | jq -r '.layers[0].digest | ltrimstr("sha256:")')
	echo ' ' >>"$T/base/blobs/sha256/$config"
	refused "the content of sha256:$config is another one"
	echo ' ' >>"$T/base/blobs/sha256/$layer"
	refused "its layer sha256:$layer has another size"
	rm "$T/base/blobs/sha256/$layer"
	refused "cannot open its layer sha256:$layer"
	rm "$T/base/blobs/sha256/$layer"
	mkfifo "$T/base/blobs/sha256/$layer"
	refused "its layer sha256:$layer has another size"
}

@test "an error of the disk or a kill leaves the layout as it was, or with the new image" {
	requires "strace is missing" command -v strace
	make_bundle
	start_idle
	minirun commit --quiet "$ID" "oci:$T/good:one"
	local fault tags
	for fault in write:error=ENOSPC:when=3 fsync:error=EIO:when=1 fsync:error=EIO:when=4 linkat:error=EIO:when=2 \
		renameat:error=EIO linkat:signal=SIGKILL:when=1 linkat:signal=SIGKILL:when=4 renameat:signal=SIGKILL; do
		echo "$fault"
		rm -rf "$T/image"
		cp -a "$T/good" "$T/image"
		run strace -o "$T/trace" -e "inject=$fault" "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
			commit --quiet --author me "$ID" "oci:$T/image:two"
		[[ $status -ne 0 ]]
		tags=$(jq '.manifests | length' "$T/image/index.json")
		expect_equal "$tags $(expect_valid "$T/image" one)" "1 1"
		expect_equal "$(find "$T/image" -name '.minirun*')" ""
		minirun commit --quiet --author me "$ID" "oci:$T/image:two"
		expect_equal "$(expect_valid "$T/image" one) $(expect_valid "$T/image" two)" "1 1"
		expect_equal "$(ls -A "$T/image")" $'blobs\nindex.json\noci-layout'
	done
	run strace -o "$T/trace" -e inject=write:error=ENOSPC:when=3 "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
		commit --quiet "$ID" "oci:$T/new:two"
	expect_status 1
	expect_absent "$T/new"
}
