/** Where a platform's BLAS is found, and how it is installed. */
interface Platform {
  /** Names that the system's loader looks for, or paths; the first that is there is taken. */
  readonly libraries: readonly string[];
  readonly install: string;
}

const brew = "/opt/homebrew/opt/openblas/lib/libopenblas.dylib";
const vcpkg = 'or pass the path of its DLL: blas({ library: "C:\\\\…\\\\libopenblas.dll" })';

const unix: Platform = {
  libraries: ["libopenblas.so.0", "libopenblas.so", "libblis.so.4", "libblis.so"],
  install: 'install OpenBLAS as your system has it, or pass its path: blas({ library: "/…/libopenblas.so" })',
};

const platforms: Readonly<Record<string, Platform>> = {
  linux: {
    ...unix,
    install:
      "install OpenBLAS: apt install libopenblas0 (Debian, Ubuntu), dnf install openblas (Fedora), apk add openblas (Alpine), pacman -S openblas (Arch)",
  },
  darwin: {
    libraries: ["/System/Library/Frameworks/Accelerate.framework/Accelerate", brew],
    install: "Accelerate comes with macOS; or brew install openblas",
  },
  win32: {
    libraries: ["libopenblas.dll", "openblas.dll"],
    install: `put libopenblas.dll of an OpenBLAS release into a folder of the PATH, ${vcpkg}`,
  },
  freebsd: { ...unix, install: "pkg install openblas" },
};

/** What is known of a platform, by Node's name for it. */
export function platformOf(name: string): Platform {
  return platforms[name] ?? unix;
}
