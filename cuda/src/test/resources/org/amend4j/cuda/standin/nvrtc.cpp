// Stands in for NVRTC: the host's compiler makes a library of the kernels and the emulation, and that is the "cubin".
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace {

enum { OK = 0, INVALID_INPUT = 3, INVALID_OPTION = 5, COMPILATION = 6 };

#if defined(STANDIN_CUDA) && STANDIN_CUDA < 12000
const int ARCHITECTURES[] = {35, 37, 50, 52, 53, 60, 61, 62, 70, 72, 75, 80, 86, 87};
#else
const int ARCHITECTURES[] = {75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121};
#endif

std::string read(const std::string &file) {
    std::ifstream stream(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

// Finds kernels by name and calls them.
std::string door(const std::string &text) {
    const std::regex kernel("extern\\s+\"C\"\\s+__global__\\s+void\\s+(\\w+)");
    std::set<std::string> names;
    for (std::sregex_iterator found(text.begin(), text.end(), kernel), end; found != end; ++found) {
        names.insert((*found)[1]);
    }
    std::ostringstream out;
    out << "\n#line 1 \"door\"\n"
        << "template <auto F> struct standin_sizes;\n"
        << "template <class... P, void (*F)(P...)> struct standin_sizes<F> {\n"
        << "    static constexpr size_t number = sizeof...(P), bytes[] = {sizeof(P)..., 0};\n"
        << "};\n"
        << "struct standin_kernel { const char *name; void (*call)(void **); const size_t *bytes; size_t number; };\n"
        << "static const standin_kernel standin_kernels[] = {\n";
    for (const std::string &name : names) {
        out << "{\"" << name << "\", amend_caller<&" << name << ">::call, standin_sizes<&" << name << ">::bytes, standin_sizes<&"
            << name << ">::number},\n";
    }
    out << "};\n"
        << "extern \"C\" int standin_find(const char *name, const size_t **bytes, size_t *number) {\n"
        << "    for (int i = 0; i < " << names.size() << "; i++) {\n"
        << "        if (strcmp(standin_kernels[i].name, name) == 0) {\n"
        << "            *bytes = standin_kernels[i].bytes;\n"
        << "            *number = standin_kernels[i].number;\n"
        << "            return i;\n"
        << "        }\n"
        << "    }\n"
        << "    return -1;\n"
        << "}\n"
        << "extern \"C\" const char *standin_launch(int kernel, const int *shape, void **slots) {\n"
        << "    return amend_run(standin_kernels[kernel].call, shape, slots, 0, 0);\n"
        << "}\n";
    return out.str();
}

bool known(const std::string &option) {
    for (int architecture : ARCHITECTURES) {
        if (option == "--gpu-architecture=sm_" + std::to_string(architecture)) {
            return true;
        }
    }
    return option == "--std=c++17";
}

}  // namespace

struct _nvrtcProgram {
    std::string text, name, log, code;
};

extern "C" {

int nvrtcVersion(int *major, int *minor) {
    *major = 0;  // so that what it compiles is never taken for NVIDIA's
    *minor = 1;
    return OK;
}

const char *nvrtcGetErrorString(int status) {
    return status == OK               ? "NVRTC_SUCCESS"
           : status == INVALID_INPUT  ? "NVRTC_ERROR_INVALID_INPUT"
           : status == INVALID_OPTION ? "NVRTC_ERROR_INVALID_OPTION"
                                      : "NVRTC_ERROR_COMPILATION";
}

int nvrtcGetNumSupportedArchs(int *number) {
    *number = sizeof ARCHITECTURES / sizeof *ARCHITECTURES;
    return OK;
}

int nvrtcGetSupportedArchs(int *architectures) {
    std::copy(std::begin(ARCHITECTURES), std::end(ARCHITECTURES), architectures);
    return OK;
}

int nvrtcCreateProgram(_nvrtcProgram **program, const char *text, const char *name, int headers, const char *const *,
                       const char *const *) {
    if (text == nullptr || name == nullptr || headers != 0) {
        return INVALID_INPUT;
    }
    *program = new _nvrtcProgram{text, name, "", ""};
    return OK;
}

int nvrtcCompileProgram(_nvrtcProgram *program, int number, const char *const *options) {
    for (int i = 0; i < number; i++) {
        if (!known(options[i])) {
            return INVALID_OPTION;
        }
    }
    char folder[] = STANDIN_FOLDER "/nvrtc-XXXXXX";
    if (mkdtemp(folder) == nullptr) {
        return COMPILATION;
    }
    const std::string in = std::string(folder) + "/in.cpp", out = std::string(folder) + "/out.so",
                      log = std::string(folder) + "/log";
    std::ofstream(in) << read(STANDIN_FOLDER "/emulation.h") << "\n#line 1 \"" << program->name << "\"\n"
                      << program->text << door(program->text);
    const std::string command =
        STANDIN_COMPILER " -std=c++17 -O1 -fPIC -shared '" + in + "' -o '" + out + "' > '" + log + "' 2>&1";
    const int status = system(command.c_str());
    program->log = read(log);
    program->code = status == 0 ? read(out) : "";
    for (const std::string &file : {in, out, log, std::string(folder)}) {
        remove(file.c_str());
    }
    return status == 0 ? OK : COMPILATION;
}

int nvrtcGetCUBINSize(_nvrtcProgram *program, size_t *bytes) {
    *bytes = program->code.size();
    return program->code.empty() ? INVALID_INPUT : OK;
}

int nvrtcGetCUBIN(_nvrtcProgram *program, char *code) {
    program->code.copy(code, program->code.size());
    return program->code.empty() ? INVALID_INPUT : OK;
}

int nvrtcGetProgramLogSize(_nvrtcProgram *program, size_t *bytes) {
    *bytes = program->log.size() + 1;
    return OK;
}

int nvrtcGetProgramLog(_nvrtcProgram *program, char *log) {
    program->log.copy(log, program->log.size());
    log[program->log.size()] = 0;
    return OK;
}

int nvrtcDestroyProgram(_nvrtcProgram **program) {
    delete *program;
    *program = nullptr;
    return OK;
}

}  // extern "C"
