/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.identity;

/** A configuration that identifies runs: a run begun with one can only be resumed with one that states the same facts. */
public interface Identified {

    /** Everything that results depend on. Names in it are written out and never changed; {@link Object#toString} is for people. */
    Facts facts();
}
