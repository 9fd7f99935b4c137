# packages: what Debian 12 must have, for ./run and ./check; read by both. Nothing is asked of apt when a stamp says that this very
# list is installed.
packages_run="gcc libc6-dev meson ninja-build pkg-config libmicrohttpd-dev libcurl4-openssl-dev libsqlite3-dev libpq-dev libjansson-dev
 libyaml-dev libxml2-dev libicu-dev libpcre2-dev libutf8proc-dev libargon2-dev libssl-dev libpango1.0-dev libcairo2-dev libharfbuzz-dev
 libqrencode-dev libintelrdfpmath-dev libseccomp-dev fonts-noto-cjk tzdata"
packages_check="$packages_run libcmocka-dev clang-14 libclang-rt-14-dev postgresql postgresql-client chromium nodejs npm poppler-utils qpdf
 zbar-tools python3 openssl curl sqlite3 gettext libnss3-tools python3-aiosmtpd libnet-smpp-perl spin"
# Without these the check runs too, only slower: that they cannot be had is no failure.
packages_wished="chromium-headless-shell mold"

# packages_install run|check
packages_install() {
    local list missing="" p stamp sudo=""
    [ "$1" = check ] && list=$packages_check || list=$packages_run
    mkdir -p build
    stamp=build/.packages-$1-$(echo "$list" | cksum | cut -d' ' -f1)
    [ -e "$stamp" ] && return 0
    for p in $list; do
        # A tool that is there from elsewhere (node, npm) counts as installed.
        case $p in nodejs) command -v node >/dev/null && continue ;; npm) command -v npm >/dev/null && continue ;; esac
        dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
    done
    if [ "$1" = check ] && [ "$(id -u)" = 0 ]; then
        for p in $packages_wished; do
            dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' && continue
            apt-get install -y -qq --no-install-recommends "$p" >build/apt-wished.log 2>&1 || echo "$p cannot be had: the check takes longer"
        done
    fi
    if [ -n "$missing" ]; then
        if [ "$(id -u)" != 0 ]; then
            if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo=sudo
            elif command -v sudo >/dev/null && [ -t 0 ]; then sudo=sudo
            else
                echo "These packages are missing and cannot be installed without root:" >&2
                echo "  apt-get install$missing" >&2
                return 1
            fi
        fi
        echo "installing:$missing"
        $sudo apt-get update -qq || true
        DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >build/apt.log 2>&1 || {
            tail -20 build/apt.log >&2
            return 1
        }
    fi
    : >"$stamp"
}

# The list of files that meson was configured with; another list means: configure again.
build_files() {
    { find src tests/fuzz tests/speed tests/faults tests/gates assets locale -type f 2>/dev/null | LC_ALL=C sort; cat meson.build meson_options.txt; } | cksum
}

# build_in DIR meson-options...: configures if need be, builds; quiet when all is well.
build_in() {
    local dir=$1 files
    shift
    files=$(build_files)
    if [ ! -e "$dir/build.ninja" ]; then
        meson setup "$dir" "$@" >"$dir.log" 2>&1 || { tail -30 "$dir.log"; return 1; }
    elif [ "$(cat "$dir/.files" 2>/dev/null)" != "$files" ]; then
        meson setup --reconfigure "$dir" >"$dir.log" 2>&1 || { tail -30 "$dir.log"; return 1; }
    fi
    echo "$files" >"$dir/.files"
    flock "$dir" ninja -C "$dir" ${TARGETS:-} >"$dir.log" 2>&1 || { grep -E 'error|FAILED|undefined' "$dir.log" | grep -v '^cc ' | head -30; return 1; }
}

# A build by clang with sanitizers, in DIR with more options: lines are all that a report names, and two hundred links by mold, where there
# is one, take half the time.
build_sanitized() {
    (
        export CC=clang-14
        command -v mold >/dev/null && export CC_LD=mold
        build_in "$@" -Db_lundef=false -Doptimization=1 -Ddebug=false -Dc_args=-gline-tables-only
    )
}

build_release() {
    TARGETS=tongban build_in build
}
