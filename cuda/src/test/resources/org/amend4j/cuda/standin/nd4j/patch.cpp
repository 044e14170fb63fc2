// libnd4jcuda.so has CUDA's runtime linked into it, so that no other library can take its place. But it keeps its symbols: when
// the stand-in for cuBLAS is loaded, which happens after libnd4jcuda.so was mapped and before its own code runs, the first bytes
// of each function of the runtime become a jump to the stand-in's.
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

extern "C" int standin_missing(const char *call);
extern "C" int cudaGetDeviceCount(int *);

namespace {

struct Mapped {
    std::string file;
    char *base = nullptr;
    std::vector<std::pair<char *, size_t>> code;
};

int find(struct dl_phdr_info *library, size_t, void *found) {
    if (library->dlpi_name == nullptr || strstr(library->dlpi_name, "libnd4jcuda.so") == nullptr) {
        return 0;
    }
    Mapped &mapped = *static_cast<Mapped *>(found);
    mapped.file = library->dlpi_name;
    mapped.base = reinterpret_cast<char *>(library->dlpi_addr);
    for (int i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) &segment = library->dlpi_phdr[i];
        if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
            char *start = mapped.base + segment.p_vaddr;
            const size_t before = reinterpret_cast<uintptr_t>(start) % 4096;
            mapped.code.emplace_back(start - before, segment.p_memsz + before);
        }
    }
    return 1;
}

bool starts(const std::string &name, const char *with) { return name.rfind(with, 0) == 0; }

bool is_of_runtime(const std::string &name) {
    for (const char *start : {"__cudaRegister", "__cudaUnregister", "__cudaPush", "__cudaPop", "__cudaInitModule"}) {
        if (starts(name, start)) {
            return true;
        }
    }
    return starts(name, "cuda") && name.size() > 4 && isupper(static_cast<unsigned char>(name[4]));
}

// mov rax, to; jmp rax
void jump(char *at, const void *to) {
    const unsigned char code[] = {0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xE0};
    memcpy(at, code, sizeof code);
    memcpy(at + 2, &to, sizeof to);
}

// Code that says which function is missing: mov rdi, name; then the jump.
const void *missing(const std::string &name) {
    static char *room = nullptr, *end = nullptr;
    const size_t size = 64, page = 4096;
    if (room == end) {
        room = static_cast<char *>(mmap(nullptr, page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        end = room + page;
    }
    char *code = room;
    room += size;
    const char *text = strdup(name.c_str());
    code[0] = 0x48;
    code[1] = char(0xBF);
    memcpy(code + 2, &text, sizeof text);
    jump(code + 10, reinterpret_cast<const void *>(&standin_missing));
    return code;
}

int replace(const Mapped &library, const char *file) {
    Dl_info own;
    dladdr(reinterpret_cast<const void *>(&cudaGetDeviceCount), &own);
    void *runtime = dlopen(own.dli_fname, RTLD_NOW | RTLD_NOLOAD);
    const auto *header = reinterpret_cast<const Elf64_Ehdr *>(file);
    const auto *sections = reinterpret_cast<const Elf64_Shdr *>(file + header->e_shoff);
    int replaced = 0;
    for (int k = 0; k < header->e_shnum; k++) {
        if (sections[k].sh_type != SHT_SYMTAB) {
            continue;
        }
        const auto *symbols = reinterpret_cast<const Elf64_Sym *>(file + sections[k].sh_offset);
        const char *names = file + sections[sections[k].sh_link].sh_offset;
        for (size_t i = 0; i < sections[k].sh_size / sizeof *symbols; i++) {
            const std::string name = names + symbols[i].st_name;
            if (ELF64_ST_TYPE(symbols[i].st_info) == STT_FUNC && symbols[i].st_value != 0 && is_of_runtime(name)) {
                const void *known = dlsym(runtime, name.c_str());
                jump(library.base + symbols[i].st_value, known == nullptr ? missing(name) : known);
                replaced++;
            }
        }
    }
    return replaced;
}

void protect(const Mapped &library, int how) {
    for (const auto &segment : library.code) {
        mprotect(segment.first, segment.second, how);
    }
}

__attribute__((constructor)) void begin() {
    Mapped library;
    if (dl_iterate_phdr(find, &library) == 0) {
        return;  // somebody else uses this cuBLAS
    }
    const int descriptor = open(library.file.c_str(), O_RDONLY);
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        fprintf(stderr, "stand-in for CUDA's runtime: cannot read %s\n", library.file.c_str());
        return;
    }
    void *file = mmap(nullptr, size_t(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0);
    close(descriptor);
    protect(library, PROT_READ | PROT_WRITE | PROT_EXEC);
    const int replaced = replace(library, static_cast<const char *>(file));
    protect(library, PROT_READ | PROT_EXEC);
    munmap(file, size_t(status.st_size));
    fprintf(stderr, "stand-in for CUDA's runtime: %d functions in libnd4jcuda.so\n", replaced);
}

}  // namespace
