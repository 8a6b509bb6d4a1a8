# image.bash - images made by hand, and what came of unpacking them. Loaded behind bundle.bash.
# shellcheck disable=SC2016 # what stands in single quotes is for jq or Python

: "${srcdir:?run the tests by tests/run}" "${IMAGE=}"

setup() {
	bundle_setup
	T=$BATS_TEST_TMPDIR
	LAYOUT=$T/image
	OCI=application/vnd.oci.image
	ARCHITECTURE=$(go_architecture)
}

go_architecture() {
	case $(uname -m) in
	x86_64) echo amd64 ;;
	aarch64) echo arm64 ;;
	*) uname -m ;;
	esac
}

tar_py() {
	"$srcdir/tests/lib/tar.py" "$@"
}

# A tar, by the program that is read.
make_tar() { # NAME
	tar_py make "$T/$1"
}

digest_of() { # FILE
	sha256sum <"$1" | cut -d' ' -f1
}

# Puts a file among the blobs; says its descriptor, with that media type.
add_blob() { # FILE TYPE
	local hex
	hex=$(digest_of "$1")
	mkdir -p "$LAYOUT/blobs/sha256"
	cp "$1" "$LAYOUT/blobs/sha256/$hex"
	jq -cn --arg type "$2" --arg hex "$hex" --argjson size "$(stat -c %s "$1")" \
		'{ mediaType: $type, digest: ("sha256:" + $hex), size: $size }'
}

plain_of() { # FILE
	case $1 in
	*.gz) gzip -dc <"$1" ;;
	*.zst) zstd -dqc <"$1" ;;
	*) cat "$1" ;;
	esac
}

type_of() { # FILE
	case $1 in
	*.gz) echo "$OCI.layer.v1.tar+gzip" ;;
	*.zst) echo "$OCI.layer.v1.tar+zstd" ;;
	*) echo "$OCI.layer.v1.tar" ;;
	esac
}

# The manifest of an image with those layers, lowest first, as a blob; says its descriptor.
# The configuration is what the filter makes of an empty one, the manifest of the bare one.
make_manifest() { # CONFIG-FILTER MANIFEST-FILTER LAYER...
	local filter=$1 change=$2 layers=() ids=() layer
	shift 2
	for layer in "$@"; do
		layers+=("$(add_blob "$T/$layer" "$(type_of "$layer")")")
		ids+=("\"sha256:$(plain_of "$T/$layer" | sha256sum | cut -d' ' -f1)\"")
	done
	jq -cn --arg architecture "$ARCHITECTURE" --argjson ids "[$(IFS=,; echo "${ids[*]}")]" \
		"{ os: \"linux\", architecture: \$architecture, config: {}, rootfs: { type: \"layers\",
		diff_ids: \$ids } } | $filter" >"$T/config"
	jq -cn --argjson config "$(add_blob "$T/config" "$OCI.config.v1+json")" \
		--argjson layers "[$(IFS=,; echo "${layers[*]}")]" \
		"{ schemaVersion: 2, config: \$config, layers: \$layers } | $change" >"$T/manifest"
	add_blob "$T/manifest" "$OCI.manifest.v1+json"
}

# An index of descriptors as $LAYOUT's own.
make_index() { # DESCRIPTOR...
	echo '{"imageLayoutVersion":"1.0.0"}' >"$LAYOUT/oci-layout"
	jq -cn --argjson manifests "[$(IFS=,; echo "$*")]" \
		'{ schemaVersion: 2, manifests: $manifests }' >"$LAYOUT/index.json"
}

# $LAYOUT with one image and no tag.
make_image() { # CONFIG-FILTER LAYER...
	local filter=$1
	shift
	make_index "$(make_manifest "$filter" . "$@")"
}

# A small image in a tar, with what a shell needs.
make_base() { # NAME
	tar --create --numeric-owner --owner 0 --group 0 --file "$T/$1" --directory "$IMAGE" .
}

unpack() { # [OPTION...] IMAGE
	rm -rf "$BUNDLE"
	minirun unpack "$@" "$BUNDLE"
}

config_is() { # FILTER VALUE
	expect_equal "$(jq -c "$1" "$BUNDLE/config.json")" "$2"
}

# The layers in the store, and nothing on its way there.
stored() {
	find "$DATA/layers/sha256" "$DATA/layers/scratch" -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null | sort
}

# What minirun finds in a root, in one tar, by a container of the bundle.
view() { # FILE
	edit_config '.process.args = ["true"]'
	minirun run --keep --bundle "$BUNDLE" "$ID"
	minirun commit --quiet "$ID" "$1"
	minirun delete "$ID"
}

# Refused in one line; neither bundle nor store have anything of it.
expect_refused() { # IMAGE TEXT...
	local image=$1 before
	shift
	before=$(stored)
	rm -rf "$BUNDLE"
	run minirun unpack "$image" "$BUNDLE"
	expect_status 1
	expect_one_line
	expect_text "$@"
	expect_absent "$BUNDLE"
	expect_equal "$(stored)" "$before"
	expect_equal "$(find "${BUNDLE%/*}" -maxdepth 1 -name '.*minirun*')" ""
}
