/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import org.amend4j.internal.backend.Epilogue;
import org.amend4j.internal.backend.MachineArray;

/** Epilogues of products that were written already, in passes of their own: for devices whose products have none, or not this one. */
public interface EpiloguePasses {

    /**
     * Does to C what the product left out.
     *
     * @param c [rows, columns], not empty
     * @param stride elements from one row to the next
     */
    void apply(Epilogue epilogue, MachineArray c, int rows, int columns, int stride);
}
