// Memory with guard words, and kernel libraries, for EmulatedDevice (org.amend4j.internal.cuda.emulated.HostLibrary).
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <jni.h>

static const uint32_t POISON = 0xFFFEFFFEu;
static const uint32_t GUARD = 0xFFFDFFFDu;

typedef const char *(*Launch)(int, const int *, void **, int, uint64_t);

static char *at(jlong address) { return reinterpret_cast<char *>(address); }

static void fill(char *from, jlong bytes, uint32_t pattern) {
    for (jlong i = 0; i + 4 <= bytes; i += 4) {
        memcpy(from + i, &pattern, 4);
    }
}

// The first place where the pattern is broken, or -1.
static jlong broken(const char *from, jlong bytes, uint32_t pattern) {
    for (jlong i = 0; i + 4 <= bytes; i += 4) {
        if (memcmp(from + i, &pattern, 4) != 0) {
            return i;
        }
    }
    return -1;
}

#define NATIVE(type, name) extern "C" JNIEXPORT type JNICALL Java_org_amend4j_internal_cuda_emulated_HostLibrary_##name

NATIVE(jlong, allocate)(JNIEnv *, jclass, jlong bytes, jlong guard) {
    char *base = static_cast<char *>(aligned_alloc(256, (size_t)((bytes + 2 * guard + 255) / 256 * 256)));
    if (base == nullptr) {
        return 0;
    }
    fill(base, guard, GUARD);
    fill(base + guard, bytes, POISON);
    fill(base + guard + bytes, guard, GUARD);
    return reinterpret_cast<jlong>(base + guard);
}

NATIVE(void, free)(JNIEnv *, jclass, jlong address, jlong bytes, jlong guard) {
    fill(at(address), bytes, POISON);
    free(at(address) - guard);
}

NATIVE(jlong, damage)(JNIEnv *, jclass, jlong address, jlong bytes, jlong guard) {
    const jlong behind = broken(at(address) + bytes, guard, GUARD);
    if (behind >= 0) {
        return bytes + behind;
    }
    const jlong before = broken(at(address) - guard, guard, GUARD);
    return before >= 0 ? before - guard : INT64_MIN;
}

NATIVE(void, copyIn)(JNIEnv *env, jclass, jobject buffer, jlong address, jlong bytes) {
    memcpy(at(address), env->GetDirectBufferAddress(buffer), (size_t)bytes);
}

NATIVE(void, copyOut)(JNIEnv *env, jclass, jlong address, jobject buffer, jlong bytes) {
    memcpy(env->GetDirectBufferAddress(buffer), at(address), (size_t)bytes);
}

NATIVE(void, copy)(JNIEnv *, jclass, jlong from, jlong to, jlong bytes) { memmove(at(to), at(from), (size_t)bytes); }

NATIVE(void, fill)(JNIEnv *, jclass, jlong address, jlong words, jint pattern) {
    fill(at(address), 4 * words, (uint32_t)pattern);
}

NATIVE(jlong, difference)(JNIEnv *, jclass, jlong one, jlong other, jlong bytes) {
    if (memcmp(at(one), at(other), (size_t)bytes) == 0) {
        return -1;
    }
    jlong i = 0;
    while (at(one)[i] == at(other)[i]) {
        i++;
    }
    return i;
}

// To the nearest float whose lowest `dropped` bits are zero, ties to even; NaN and infinity as they are.
NATIVE(void, round)(JNIEnv *, jclass, jlong from, jlong to, jlong words, jint dropped) {
    const uint32_t half = (1u << (dropped - 1)) - 1, mask = ~((1u << dropped) - 1);
    for (jlong i = 0; i < words; i++) {
        uint32_t bits;
        memcpy(&bits, at(from) + 4 * i, 4);
        if ((bits & 0x7F800000u) != 0x7F800000u) {
            bits = (bits + half + ((bits >> dropped) & 1)) & mask;
        }
        memcpy(at(to) + 4 * i, &bits, 4);
    }
}

NATIVE(void, widen)(JNIEnv *, jclass, jlong from, jlong to, jlong count) {
    for (jlong i = 0; i < count; i++) {
        uint16_t half;
        memcpy(&half, at(from) + 2 * i, 2);
        const uint32_t bits = (uint32_t)half << 16;
        memcpy(at(to) + 4 * i, &bits, 4);
    }
}

NATIVE(void, narrow)(JNIEnv *, jclass, jlong from, jlong to, jlong rows, jlong columns, jlong leading) {
    for (jlong j = 0; j < columns; j++) {
        for (jlong i = j * leading; i < j * leading + rows; i++) {
            uint32_t bits;
            memcpy(&bits, at(from) + 4 * i, 4);
            const bool nan = (bits & 0x7FFFFFFFu) > 0x7F800000u;
            const uint16_t half = nan ? 0x7FFFu : (uint16_t)((bits + 0x7FFFu + ((bits >> 16) & 1)) >> 16);
            memcpy(at(to) + 2 * i, &half, 2);
        }
    }
}

NATIVE(jlong, open)(JNIEnv *env, jclass, jstring path) {
    const char *name = env->GetStringUTFChars(path, nullptr);
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    env->ReleaseStringUTFChars(path, name);
    return reinterpret_cast<jlong>(library == nullptr ? nullptr : dlsym(library, "amend_launch"));
}

NATIVE(jstring, openError)(JNIEnv *env, jclass) {
    const char *error = dlerror();
    return env->NewStringUTF(error == nullptr ? "unknown error" : error);
}

NATIVE(jstring, launch)
(JNIEnv *env, jclass, jlong library, jint kernel, jintArray shape, jlongArray arguments, jint order, jlong seed) {
    jint numbers[7];
    env->GetIntArrayRegion(shape, 0, 7, numbers);
    const jsize count = env->GetArrayLength(arguments);
    jlong slots[64];
    void *pointers[64];
    if (count > 64) {
        return env->NewStringUTF("more than 64 arguments");
    }
    env->GetLongArrayRegion(arguments, 0, count, slots);
    for (jsize i = 0; i < count; i++) {
        pointers[i] = &slots[i];
    }
    const char *fault = reinterpret_cast<Launch>(library)(kernel, numbers, pointers, order, (uint64_t)seed);
    return env->NewStringUTF(fault == nullptr ? "" : fault);
}
