/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.IOException;
import java.nio.file.Path;

/** Writes a model for its users. */
@FunctionalInterface
public interface ReleaseWriter {

    /**
     * Writes the files of a model with these parameters into an empty folder. Whether they appear complete or not at all is
     * the caller's care.
     *
     * @param theta [dimension]; only read
     */
    void write(double[] theta, Path folder) throws IOException;
}
