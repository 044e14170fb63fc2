/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.record;

/** Records and their subjects, to be committed to. Index k is the k-th record, in ascending order of ids. */
public interface RecordContents {

    /** The number of records. */
    int size();

    /** The id of record k; ids ascend. */
    long id(int k);

    /** The number of its subject. */
    long unit(int k);

    /** Its arrays as {@link RecordBytes} has them; the caller's own. */
    byte[] content(int k);
}
