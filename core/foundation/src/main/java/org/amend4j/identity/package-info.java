/** What tells configurations apart, in files and fingerprints: named fields with a version, whatever classes and components are called. */
@NullMarked
package org.amend4j.identity;

import org.jspecify.annotations.NullMarked;
