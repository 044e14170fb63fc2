/** What distinguishes configurations in files and fingerprints: named fields with a version, independent of the names of classes. */
@NullMarked
package org.amend4j.identity;

import org.jspecify.annotations.NullMarked;
