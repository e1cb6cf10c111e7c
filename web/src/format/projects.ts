/** Names of projects, which the server knows by their directory. */

/** Short names by directory: the last folder, with as many above it as it takes to tell two apart. */
export function projectNames(directories: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const directory of directories) {
    const folders = foldersOf(directory);
    let depth = 1;
    while (depth < folders.length && isShared(tail(folders, depth), depth, directory, directories)) {
      depth += 1;
    }
    names.set(directory, tail(folders, depth));
  }
  return names;
}

/** The last folder alone. */
export function projectName(directory: string): string {
  return tail(foldersOf(directory), 1);
}

function isShared(name: string, depth: number, own: string, directories: readonly string[]): boolean {
  return directories.some((other) => other !== own && tail(foldersOf(other), depth) === name);
}

/** Takes Unix and Windows directories alike. */
function foldersOf(directory: string): string[] {
  return directory.split(/[\\/]+/).filter((folder) => folder !== "");
}

function tail(folders: readonly string[], depth: number): string {
  return folders.length === 0 ? "/" : folders.slice(-depth).join("/");
}
