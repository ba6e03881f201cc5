# Windows on x86-64 from Linux: one set of DLLs with no libgcc, libstdc++ or winpthread beside it.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER   x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER  x86_64-w64-mingw32-windres)
set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# 0x0A00: Windows 10. use-unaligned-vector-move: Windows aligns the stack to 16 bytes and GCC spills AVX
# registers there with moves that fault unless it is 32 or 64 (GCC bug 54412); unaligned ones cost nothing.
set(unaligned "-Wa,-muse-unaligned-vector-move")
set(CMAKE_C_FLAGS_INIT   "-D_WIN32_WINNT=0x0A00 ${unaligned} -include ${CMAKE_CURRENT_LIST_DIR}/mingw_compat.h")
set(CMAKE_CXX_FLAGS_INIT "-D_WIN32_WINNT=0x0A00 ${unaligned}")
# exclude-libs: otherwise libgcc_eh's symbols leave ggml-base.dll and collide in ggml-cpu.dll.
# no-insert-timestamp, -s: the same bytes from the same sources (strip afterwards writes a time).
foreach(kind EXE SHARED MODULE)
  set(CMAKE_${kind}_LINKER_FLAGS_INIT "-s -static -static-libgcc -static-libstdc++ -Wl,-Bstatic,--whole-archive -lwinpthread -Wl,--no-whole-archive -Wl,--no-insert-timestamp -Wl,--exclude-libs,ALL")
endforeach()
