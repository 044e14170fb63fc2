/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

/** A graph needs a base model that is not open in this process. */
public final class MissingBaseException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    private final Fingerprint fingerprint;

    MissingBaseException(Fingerprint fingerprint, String layer) {
        super("layer '" + layer + "' needs the base model " + fingerprint
                + ", which is not open: open it with BaseModel.open(file) and keep it before using this graph");
        this.fingerprint = fingerprint;
    }

    /** The base model that is missing. */
    public Fingerprint fingerprint() {
        return fingerprint;
    }
}
