#!/bin/sh
# vm-setup.sh - prepare everything vm-run.sh needs, from Debian packages only.
#
# Fills a cache directory with
#   kernel-VER/{vmlinuz,initrd.cpio,modules.ext4}   one per kernel
#   rootfs-SUITE.ext4                               the guest's root file system
#   qemu/                                           on bookworm: a newer QEMU
# Steps whose result is there already are skipped, so the directory can be
# kept between runs (a CI cache); --force makes them anew.
set -eu

usage() {
	cat <<'USAGE'
usage: vm-setup.sh [options] CACHE_DIR

  --kernel LIST     kernels to fetch, comma separated: 6.1 (bookworm),
                    6.12 (trixie), 7.2 (sid) or a suite name
                    (default: 6.1,6.12,7.2)
  --suite SUITE     Debian release of the guest's root file system
                    (default: that of this machine, else bookworm)
  --packages LIST   further packages to install in the guest, comma separated
  --size SIZE       size of the root file system, with room for the tests
                    (sparse; default 4G)
  --mirror URL      Debian mirror (default: the one that this machine's apt uses)
  --no-install      do not apt-get install the tools needed on this machine
  --force           make everything anew
  -h, --help        this text

Needs root. The cache directory may be used by any user afterwards.
USAGE
}

die() {
	printf 'vm-setup: %s\n' "$*" >&2
	exit 1
}

say() {
	printf 'vm-setup: %s\n' "$*" >&2
}

kernels=6.1,6.12,7.2
suite=
packages=
size=4G
mirror=
install=yes
force=
cache=

while [ $# -gt 0 ]; do
	case $1 in
	--kernel | --suite | --packages | --size | --mirror)
		[ $# -ge 2 ] || die "$1 needs a value"
		case $1 in
		--kernel) kernels=$2 ;;
		--suite) suite=$2 ;;
		--packages) packages=$2 ;;
		--size) size=$2 ;;
		--mirror) mirror=$2 ;;
		esac
		shift 2
		;;
	--no-install) install= && shift ;;
	--force) force=yes && shift ;;
	-h | --help) usage && exit 0 ;;
	-*) die "unknown option $1 (see --help)" ;;
	*)
		[ -z "$cache" ] || die "only one cache directory, please"
		cache=$1
		shift
		;;
	esac
done
[ -n "$cache" ] || { usage >&2 && exit 2; }
[ "$(id -u)" = 0 ] || die "must run as root"
[ "$(dpkg --print-architecture)" = amd64 ] || die "amd64 only"
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

if [ -z "$mirror" ]; then
	# shellcheck disable=SC2016 # apt's variable
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
		grep '/debian/*$' | head -n 1 | sed 's,/*$,,')
	[ -n "$mirror" ] || die "apt knows no Debian mirror; name one with --mirror"
fi

if [ -z "$suite" ]; then
	# shellcheck disable=SC1091
	suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
	case $suite in bookworm | trixie | forky | sid) ;; *) suite=bookworm ;; esac
fi

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
work=$(mktemp -d "$cache/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# --- tools on this machine ---------------------------------------------------

if [ -n "$install" ]; then
	want="qemu-system-x86 mmdebstrap busybox-static cpio e2fsprogs kmod xz-utils
		debian-archive-keyring"
	missing=
	for p in $want; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null |
			grep -q 'ok installed' || missing="$missing $p"
	done
	if [ -n "$missing" ]; then
		say "installing:$missing"
		apt-get -o DPkg::Lock::Timeout=600 -qq update
		# shellcheck disable=SC2086
		DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 \
			-qq -y --no-install-recommends install $missing >/dev/null
	fi
fi
for t in qemu-system-x86_64 mmdebstrap cpio mke2fs depmod xz; do
	PATH=$PATH:/sbin:/usr/sbin command -v "$t" >/dev/null || die "$t is missing"
done
PATH=$PATH:/sbin:/usr/sbin
[ -x /bin/busybox ] || die "busybox-static is missing"

# --- packages of other releases ----------------------------------------------

# other_apt SUITE: an apt of its own (lists, cache), that knows this suite only
# and thinks that nothing is installed; the machine's apt is left alone.
other_apt() {
	rm -rf "$work/apt"
	mkdir -p "$work/apt/state/lists/partial" "$work/apt/cache/archives/partial"
	: >"$work/apt/status"
	{
		echo "deb [signed-by=$keyring] $mirror $1 main"
		case $1 in
		bookworm | trixie)
			echo "deb [signed-by=$keyring] $mirror-security $1-security main"
			;;
		esac
	} >"$work/apt/sources.list"
	cat >"$work/apt/apt.conf" <<-CONF
		Dir::Etc::sourcelist "$work/apt/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		Dir::State "$work/apt/state";
		Dir::State::status "$work/apt/status";
		Dir::Cache "$work/apt/cache";
		APT::Sandbox::User "root";
		APT::Default-Release "";
		Acquire::Languages "none";
		Acquire::Retries "3";
		#clear APT::Update::Post-Invoke-Success;
		#clear APT::Update::Post-Invoke;
	CONF
	APT_CONFIG=$work/apt/apt.conf apt-get -qq update
}

# --- QEMU --------------------------------------------------------------------

# Bookworm's QEMU 7.2 emulates at half the speed of 10.0, and with bugs. The one
# of the backports runs with the libraries of the former: unpacked, it will do.
make_qemu() {
	# shellcheck disable=SC1091
	[ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = bookworm ] || return 0
	if [ -z "$force" ] && [ -d "$cache/qemu" ]; then
		say "QEMU is there"
		return
	fi
	say "QEMU: fetching from bookworm-backports"
	other_apt bookworm-backports
	rm -rf "$work/deb" "$work/qemu" && mkdir -p "$work/deb"
	(cd "$work/deb" && APT_CONFIG=$work/apt/apt.conf apt-get -qq download \
		qemu-system-x86 qemu-system-common qemu-system-data)
	for d in "$work"/deb/*.deb; do dpkg-deb -x "$d" "$work/qemu"; done
	if "$work/qemu/usr/bin/qemu-system-x86_64" --version >/dev/null; then
		rm -rf "$cache/qemu" && mv "$work/qemu" "$cache/qemu"
	else
		say "it does not run here: the installed one will be used"
	fi
}

# --- kernels -----------------------------------------------------------------

# Names of the packages that hold the newest cloud kernel of the suite: one
# (linux-image-VERSION) until trixie, later split in binary, modules and base.
kernel_packages() {
	meta=linux-image-cloud-amd64
	export APT_CONFIG="$work/apt/apt.conf"
	image=$(apt-cache depends --important "$meta" |
		sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
	[ -n "$image" ] || die "no kernel found in $1"
	parts=$(apt-cache depends --important "$image" |
		sed -n 's/^ *Depends: \(linux-\(base\|binary\|modules\)-[0-9].*\)/\1/p')
	echo "$image" "$parts"
}

# The modules the initramfs needs, with what they depend on, in loading order.
early_modules() {
	for m in virtio_mmio virtio_pci virtio_blk virtio_console overlay; do
		line=$(grep -E "/$m\.ko(\.[a-z]+)?:" "$1/modules.dep" || true)
		[ -n "$line" ] || continue # built in
		# modules.dep names what must be loaded last to first
		echo "${line#*:} ${line%%:*}" | awk '{
			for (i = NF - 1; i > 0; i--) print $i
			print $NF }'
	done | awk '!seen[$0]++'
}

make_kernel() {
	ver=$1 from=$2 dir=$cache/kernel-$1
	if [ -z "$force" ] && [ -e "$dir/initrd.cpio" ]; then
		say "kernel $ver is there"
		return
	fi
	say "kernel $ver: fetching from $from"
	other_apt "$from"
	pkgs=$(kernel_packages "$from")
	x=$work/x
	rm -rf "$x" "$work/deb" && mkdir -p "$x" "$work/deb"
	# shellcheck disable=SC2086
	(cd "$work/deb" && APT_CONFIG=$work/apt/apt.conf apt-get -qq download $pkgs)
	for d in "$work"/deb/*.deb; do dpkg-deb -x "$d" "$x"; done
	# a merged /usr, whichever way the package has it
	mkdir -p "$x/usr/lib"
	[ ! -d "$x/lib/modules" ] || mv "$x/lib/modules" "$x/usr/lib/modules"
	rm -rf "${x:?}/lib" && ln -s usr/lib "$x/lib"
	release=$(ls "$x/usr/lib/modules")
	mods=$x/usr/lib/modules/$release
	vmlinuz=$(find "$x" -name 'vmlinuz*' -type f | head -n 1)
	[ -n "$vmlinuz" ] || die "no vmlinuz in $pkgs"
	depmod -b "$x" "$release"

	tmp=$work/kernel
	rm -rf "$tmp" && mkdir -p "$tmp"
	cp "$vmlinuz" "$tmp/vmlinuz"
	echo "$release" >"$tmp/release"
	find "$x" -name 'config*' -type f -size +50k -exec cp {} "$tmp/config" \;

	rm -rf "$work/initrd"
	mkdir -p "$work/initrd/modules" "$work/initrd/bin"
	cp /bin/busybox "$work/initrd/bin/busybox"
	early_modules "$mods" | while read -r m; do
		name=${m##*/}
		case $name in
		*.xz) name=${name%.xz} && xz -dc "$mods/$m" ;;
		*.zst) name=${name%.zst} && zstd -qdc "$mods/$m" ;;
		*) cat "$mods/$m" ;;
		esac >"$work/initrd/modules/${name%.*z*}"
		echo "$name"
	done >"$work/list"
	mv "$work/list" "$work/initrd/modules/list"
	(cd "$work/initrd" && find . | cpio -o -H newc --quiet -R 0:0) \
		>"$tmp/initrd.cpio"

	# everything else is for modprobe in the guest
	: >"$tmp/modules.ext4"
	mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$x/usr/lib/modules" \
		"$tmp/modules.ext4" "$(($(du -sm "$mods" | cut -f1) * 5 / 4 + 16))M"
	rm -rf "$dir" && mv "$tmp" "$dir"
}

# --- root file system --------------------------------------------------------

make_rootfs() {
	img=$cache/rootfs-$suite.ext4
	if [ -z "$force" ] && [ -e "$img" ]; then
		say "root file system is there"
		return
	fi
	say "root file system: $suite"
	inc=systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,kmod
	inc=$inc,procps,iproute2,util-linux,mount,uidmap,attr,acl,jq,strace
	inc=$inc,busybox-static,bats,bats-support,bats-assert,bats-file
	inc=$inc,e2fsprogs,apparmor,runc,crun,criu,libseccomp2,libcap2,libcap2-bin
	inc=$inc${packages:+,$packages}
	# shellcheck disable=SC2016
	mmdebstrap --quiet --mode=root --variant=minbase \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--include="$inc" \
		--customize-hook='chroot "$1" useradd -m -s /bin/bash -u 1000 tester' \
		--customize-hook='rm -f "$1/etc/machine-id" && echo uninitialized >"$1/etc/machine-id"' \
		--customize-hook='echo vm >"$1/etc/hostname"; echo "127.0.0.1 localhost vm" >"$1/etc/hosts"' \
		--customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin' \
		"$suite" "$work/root" "$mirror" >&2
	mkdir -p "$work/root/usr/lib/modules"
	: >"$work/rootfs.ext4"
	mke2fs -q -t ext4 -O ^has_journal -m 0 -E lazy_itable_init=1 -N 262144 \
		-d "$work/root" "$work/rootfs.ext4" "$size"
	mv "$work/rootfs.ext4" "$img"
}

make_qemu
old_ifs=$IFS
IFS=,
for k in $kernels; do
	IFS=$old_ifs
	case $k in
	6.1) make_kernel "$k" bookworm ;;
	6.12) make_kernel "$k" trixie ;;
	7.2) make_kernel "$k" sid ;;
	bookworm | bookworm-backports | trixie | forky | sid) make_kernel "$k" "$k" ;;
	*) die "unknown kernel $k" ;;
	esac
done
IFS=$old_ifs
make_rootfs
say "done: $(du -sh "$cache" | cut -f1) in $cache"
