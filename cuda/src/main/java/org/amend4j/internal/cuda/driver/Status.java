/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.cuGetErrorName;
import static org.bytedeco.cuda.global.cudart.cuGetErrorString;
import static org.bytedeco.cuda.global.cudart.cudaGetErrorName;
import static org.bytedeco.cuda.global.cudart.cudaGetErrorString;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetErrorString;

import org.amend4j.backend.MachineException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** What CUDA's calls return, as exceptions. */
final class Status {

    private Status() {}

    static void check(int status, String what) {
        if (status != CUDA_SUCCESS) {
            throw new MachineException(what + " failed: " + errorText(status));
        }
    }

    /** The same for CUDA's runtime, which has numbers and sentences of its own. */
    static void checkRuntime(int status, String what) {
        if (status != 0) {
            throw new MachineException(
                    what + " failed: " + cudaGetErrorName(status).getString() + " (" + status + ", "
                            + cudaGetErrorString(status).getString() + ")");
        }
    }

    static void checkCompiler(int status, String what) {
        if (status != 0) {
            throw new MachineException(
                    what + " failed: " + nvrtcGetErrorString(status).getString());
        }
    }

    static String errorText(int status) {
        try (PointerPointer<BytePointer> errorName = new PointerPointer<>(1);
                PointerPointer<BytePointer> sentence = new PointerPointer<>(1)) {
            if (cuGetErrorName(status, errorName) != CUDA_SUCCESS
                    || cuGetErrorString(status, sentence) != CUDA_SUCCESS) {
                return "unknown status " + status;
            }
            return errorName.getString(0) + " (" + status + ", " + sentence.getString(0) + ")";
        }
    }
}
