"""Maps the source folders onto the ``selfsame`` package and builds the optional extensions.

``package_dir`` is here, not in pyproject.toml, because tests/link_package.py reads it too.
"""

import os
import shutil
import sys

from setuptools import Extension, find_packages, setup
from setuptools.command.build_ext import build_ext

LAYERS = ("cli", "report", "grammar", "compiler", "variants", "runtime", "examples")
package_dir = {"selfsame": "api"} | {f"selfsame.{layer}": layer for layer in LAYERS}
packages = ["selfsame"]
for layer in LAYERS:
    packages.append(f"selfsame.{layer}")
    packages += [f"selfsame.{layer}.{sub}" for sub in find_packages(layer)]

MUST_BUILD = os.environ.get("SELFSAME_MUST_BUILD") == "1"


class OptionalBuild(build_ext):
    """Builds the extensions where a C compiler is there; says what is lost where none is."""

    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or True

    def run(self):
        try:
            super().run()
        except Exception as error:
            self._give_up("the extensions", error)

    def build_extension(self, extension):
        try:
            super().build_extension(extension)
        except Exception as error:
            self._give_up(extension.name, error)

    def _give_up(self, what, error):
        if MUST_BUILD:
            raise error
        print(
            f"selfsame: {what} not built ({error}); the same code runs uncompiled, with slower probes",
            file=sys.stderr,
        )


def extensions():
    """The agent's compiled parts; an empty list where Cython itself is missing."""
    try:
        from Cython.Build import cythonize
    except ImportError:
        if MUST_BUILD:
            raise
        return []
    names = {
        "recorder": ["recorder.py"],
        "native": ["native.pyx", "aside.c", "entry.c", "handover.c", "resting.c"],
        "looks": ["looks.pyx", "lookout.c"],
    }
    staged = stage_agent()
    return cythonize(
        [
            Extension(
                f"selfsame.runtime.agent.{name}",
                [f"{staged}/{file}" for file in files],
                extra_compile_args=["-O2"],
                # To unpack its texts a module would import zlib: a file that the program may see opened.
                define_macros=[("CYTHON_COMPRESS_STRINGS", "0")],
            )
            for name, files in names.items()
        ],
        language_level=3,
        include_path=["build/cython"],
    )


def stage_agent():
    """Copy the agent's compiled sources to where Cython finds a module's .pxd: by package name."""
    folder = "build/cython/selfsame/runtime/agent"
    os.makedirs(folder, exist_ok=True)
    for package in ("selfsame", "selfsame/runtime", "selfsame/runtime/agent"):
        with open(f"build/cython/{package}/__init__.py", "w"):
            pass
    for file in (
        "recorder.py",
        "recorder.pxd",
        "native.pyx",
        "forks.pxi",
        "looks.pyx",
        "lookout.c",
        "lookout.h",
        "aside.c",
        "aside.h",
        "entry.c",
        "entry.h",
        "handover.c",
        "handover.h",
        "holder.h",
        "resting.c",
        "resting.h",
    ):
        shutil.copy2(f"runtime/agent/{file}", folder)
    return folder


if __name__ == "__main__":
    setup(
        packages=packages,
        package_dir=package_dir,
        package_data={
            "selfsame": ["py.typed"],
            "selfsame.grammar": ["*.g4", "*.cdl", "generated/*", "editors/vscode/**/*"],
            "selfsame.runtime": [
                "agent/*.px[di]",
                "agent/*.pyx",
                "agent/*.[ch]",
                "agent/bootstrap/*",
            ],
            "selfsame.report": ["*.j2"],
            "selfsame.examples": ["**/*.cdl"],
        },
        ext_modules=extensions(),
        cmdclass={"build_ext": OptionalBuild},
        zip_safe=False,
    )
