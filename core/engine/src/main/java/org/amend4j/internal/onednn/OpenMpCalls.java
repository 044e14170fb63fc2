/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.onednn;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/** The threads of the OpenMP that oneDNN was built with: settings of the calling thread. */
final class OpenMpCalls {

    private OpenMpCalls() {}

    /** @param library one that was linked with it */
    static void bind(NativeLibrary library) {
        Native.register(OpenMpCalls.class, library);
    }

    static native int omp_get_max_threads();

    static native void omp_set_num_threads(int threads);
}
