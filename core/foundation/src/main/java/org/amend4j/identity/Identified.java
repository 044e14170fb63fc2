/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.identity;

/** A configuration that runs are identified by: what was begun with one is only resumed with one that states the same facts. */
public interface Identified {

    /** Everything that results depend on. Names in it are written out and never changed; {@link Object#toString} is for people. */
    Facts facts();
}
