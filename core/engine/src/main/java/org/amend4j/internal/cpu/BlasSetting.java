/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * How many threads OpenBLAS gives one product. JavaCPP looks the functions up at every call, which holds one lock of the dynamic linker and
 * takes another: with a thread that loads a library meanwhile, both wait for ever. So they are looked up once.
 */
final class BlasSetting {

    private static final Optional<Function> GET;
    private static final Optional<Function> SET;

    static {
        Loader.load(openblas_nolapack.class);
        boolean alone = Loader.addressof("MKL_Set_Num_Threads") == null;
        GET = alone ? function("openblas_get_num_threads") : Optional.empty();
        SET = alone ? function("openblas_set_num_threads") : Optional.empty();
    }

    private BlasSetting() {}

    private static Optional<Function> function(String name) {
        org.bytedeco.javacpp.Pointer found = Loader.addressof(name);
        try {
            return Optional.ofNullable(found).map(there -> Function.getFunction(new Pointer(there.address())));
        } catch (LinkageError jnaIsMissing) {
            return Optional.empty();
        }
    }

    static int get() {
        return GET.map(function -> function.invokeInt(new Object[0]))
                .orElseGet(openblas_nolapack::blas_get_num_threads);
    }

    static void set(int threads) {
        if (SET.isPresent()) {
            SET.get().invokeVoid(new Object[] {threads});
        } else {
            openblas_nolapack.blas_set_num_threads(threads);
        }
    }
}
