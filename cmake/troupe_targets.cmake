# How this project's targets are made: one per folder, same options everywhere.

# GCC spends a tenth of its time on collecting garbage that this machine has room for: 1.3 GB instead
# of 1 GB for each file that is being compiled.
cmake_host_system_information(RESULT memory_mib QUERY TOTAL_PHYSICAL_MEMORY)
cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
math(EXPR memory_of_core_mib "${memory_mib} / ${cores}")
if(memory_of_core_mib GREATER 3000)
  set(troupe_compiler_memory $<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-expand=200>
                             $<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=1000000>)
endif()

function(troupe_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow
                                           -Wno-missing-field-initializers
                                           ${troupe_compiler_memory})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC bug 105651: a false alarm about `"literal" + std::string` at -O2 and above.
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
  if(TROUPE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(TROUPE_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  if(TROUPE_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${TROUPE_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${TROUPE_SANITIZE})
  endif()
endfunction()

# Several files of a folder are compiled as one, which takes a quarter of the time. Names of unnamed
# namespaces meet there, so no two files of a folder may use the same ones differently; a file with
# options of its own is compiled alone. -DTROUPE_UNITY=OFF compiles each alone.
function(troupe_together target)
  if(TROUPE_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
    target_compile_options(${target} PRIVATE -Wno-shadow -Wno-subobject-linkage)
  endif()
endfunction()

# troupe_compiled_fast(TARGET LEVEL): code that need not be quick. -O1 takes two thirds of the time
# of -O2, and -O0 half of it.
function(troupe_compiled_fast target level)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" OR TROUPE_SANITIZE)
    target_compile_options(${target} PRIVATE ${level})
  endif()
endfunction()

# A program's malloc: messages are allocated on one thread and freed on another all the time, which
# mimalloc does markedly faster than glibc. Sanitizers bring their own.
function(troupe_allocator target)
  if(NOT TROUPE_SANITIZE)
    target_link_libraries(${target} PRIVATE -Wl,--push-state,--no-as-needed mimalloc
                                            -Wl,--pop-state)
  endif()
endfunction()

# troupe_library(NAME STATIC|SHARED [FOLDER path] [EXCLUDE file...]): all .cpp files of the folder,
# not of folders below it.
function(troupe_library name kind)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "FOLDER" "EXCLUDE")
  if(NOT arg_FOLDER)
    set(arg_FOLDER ${name})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${arg_FOLDER}/*.cpp)
  if(name STREQUAL "dsl")
    file(GLOB more CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/dsl/check/*.cpp)
    list(APPEND sources ${more})
  endif()
  foreach(file IN LISTS arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "/${file}$")
  endforeach()
  add_library(troupe_${name} ${kind} ${sources})
  target_include_directories(troupe_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  troupe_options(troupe_${name})
  troupe_together(troupe_${name})
endfunction()

# The heavy part of model/: LibTorch and FAISS. Loaded at run time by model/library.cpp, linked
# directly only by its own tests.
function(troupe_torch_module)
  find_package(OpenMP REQUIRED)
  find_package(faiss REQUIRED)
  find_library(TORCH_LIB torch REQUIRED)
  find_library(TORCH_CPU_LIB torch_cpu REQUIRED)
  find_library(C10_LIB c10 REQUIRED)
  find_path(TORCH_API_INCLUDE torch/torch.h
            PATHS /usr/include/torch/csrc/api/include REQUIRED)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/model/torch/*.cpp)
  add_library(troupe_torch SHARED ${sources})
  target_include_directories(troupe_torch SYSTEM PRIVATE ${TORCH_API_INCLUDE})
  target_link_libraries(troupe_torch PUBLIC troupe_pipeline
                        PRIVATE troupe_model ${TORCH_LIB} ${TORCH_CPU_LIB} ${C10_LIB} faiss
                                OpenMP::OpenMP_CXX)
  troupe_options(troupe_torch)
  troupe_together(troupe_torch)
  target_compile_options(troupe_torch PRIVATE -Wno-shadow -Wno-pedantic -Wno-unused-parameter)
endfunction()

# troupe_plugin(NAME file...): a shared library of stages, found by graphs under [plugins] load.
function(troupe_plugin name)
  add_library(${name} SHARED ${ARGN})
  set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  target_link_libraries(${name} PRIVATE troupe_pipeline)
  troupe_options(${name})
  # Two editions of a plugin may be loaded at once, and share nothing.
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
endfunction()
