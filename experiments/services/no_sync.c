/* Nothing is ever put to the disk at once, for the process that has this library in LD_PRELOAD: what syncing costs. */
int fsync(int file)
{
    (void)file;
    return 0;
}

int fdatasync(int file)
{
    (void)file;
    return 0;
}

int syncfs(int file)
{
    (void)file;
    return 0;
}
