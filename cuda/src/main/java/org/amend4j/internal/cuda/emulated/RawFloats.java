/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

import org.bytedeco.javacpp.FloatPointer;

/** A pointer to memory that JavaCPP neither made nor frees. */
final class RawFloats extends FloatPointer {

    private static final long serialVersionUID = 1L;

    RawFloats(long address) {
        this.address = address;
    }
}
